# make demo · make test · make check · make bench: each does the set-up it needs (Python 3.11+, make, package registries).

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/ready
DEV_READY := $(VENV)/dev-ready

.PHONY: demo test check lint bench lock clean

demo: $(READY) ## the rehearsal room in a browser: no workspace, no cluster
	$(BIN)/gurumi demo

test: $(DEV_READY) ## every test that needs no other server; the others are skipped with a line that says how to get it
	$(BIN)/pytest

check: lint test ## what CI says yes or no to

lint: $(DEV_READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(DEV_READY) ## prints the figures that README quotes
	$(BIN)/python -m tests.bench

lock: $(DEV_READY) ## renews the locked versions and hashes
	$(BIN)/uv pip compile -q --universal --generate-hashes --no-header --no-annotate --no-emit-index-url -o requirements.txt pyproject.toml
	$(BIN)/uv pip compile -q --universal --generate-hashes --no-header --no-annotate --no-emit-index-url --group dev -o requirements-dev.txt pyproject.toml

clean:
	rm -rf $(VENV) build dist

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(READY): requirements.txt pyproject.toml | $(VENV)/bin/python
	$(BIN)/pip install -q --disable-pip-version-check --require-hashes -r requirements.txt
	$(BIN)/pip install -q --disable-pip-version-check --no-deps -e .
	touch $@

$(DEV_READY): requirements-dev.txt $(READY)
	$(BIN)/pip install -q --disable-pip-version-check --require-hashes -r requirements-dev.txt
	touch $@
