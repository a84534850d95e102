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
	$(BIN)/pytest -n 4 --dist loadfile

check: lint test ## what CI says yes or no to

lint: $(DEV_READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(DEV_READY) ## prints the figures that README quotes
	$(BIN)/python -m tests.bench

LOCK := $(BIN)/uv pip compile -q --universal --generate-hashes --no-header --no-annotate --no-emit-index-url

lock: $(DEV_READY) ## renews the locked versions and hashes
	$(LOCK) -o requirements.txt pyproject.toml
	$(LOCK) --group dev -o requirements-dev.txt pyproject.toml
	echo uv | $(LOCK) -c requirements-dev.txt -o requirements-installer.txt -

clean:
	rm -rf $(VENV) build dist

INSTALL := $(BIN)/uv pip install -q --python $(BIN)/python

$(BIN)/uv: requirements-installer.txt ## ten times as fast as pip, which takes two minutes for the same files
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install -q --disable-pip-version-check --require-hashes -r requirements-installer.txt
	touch $@

$(READY): requirements.txt pyproject.toml $(BIN)/uv
	$(INSTALL) --require-hashes -r requirements.txt
	$(INSTALL) --no-deps -e .
	touch $@

$(DEV_READY): requirements-dev.txt $(READY)
	$(INSTALL) --require-hashes -r requirements-dev.txt
	touch $@
