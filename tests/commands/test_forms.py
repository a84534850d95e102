"""What a command lacks, asked by a form; and what was filled in, as words."""

import pytest

from commands.command import Command, UsageError
from commands.form import Kind, filled
from commands.registry import fit, missing, registry
from knowledge.said import Said

LOOK = Command(name="look", says=Said("log"), takes="<cluster> [namespace] <what...>")


def test_a_form_is_drawn_from_the_words_that_a_command_takes() -> None:
    form = missing(LOOK, "")
    assert form
    assert [(f.name, f.kind, f.optional) for f in form.fields] == [
        ("cluster", Kind.SEARCH, False),
        ("namespace", Kind.TEXT, True),
        ("what", Kind.LONG, False),
    ]
    assert form.fields[0].among == "clusters"


def test_words_that_were_given_stand_in_the_form_already() -> None:
    form = missing(LOOK, "shop-prod shop")
    assert form
    assert [field.value for field in form.fields] == ["shop-prod", "shop", ""]


@pytest.mark.parametrize("words", ["shop-prod shop all of it", "a b c d e"])
def test_words_that_suffice_need_no_form(words: str) -> None:
    assert missing(LOOK, words) is None


def test_words_too_many_are_no_matter_for_a_form() -> None:
    command = registry()["diagnose"].command
    assert missing(command, "shop-prod shop more") is None
    with pytest.raises(UsageError):
        fit(command, "shop-prod shop more")


def test_what_a_clock_asks_has_no_form() -> None:
    assert missing(registry()["journal"].command, "") is None


def test_a_line_whose_fields_are_empty_is_left_out() -> None:
    words = "ask {question}\n(cluster {cluster}, namespace {namespace})\nplease"
    assert filled(words, {"question": " why? "}) == "ask why?\nplease"


def test_braces_that_were_typed_stay_as_they_are() -> None:
    assert filled("ask {question}", {"question": "why {x} \\1 {question}"}) == "ask why {x} \\1 {question}"


@pytest.mark.parametrize("name", [name for name, r in registry().items() if r.command.form])
def test_every_form_asks_words_of_its_command_and_uses_each_of_its_fields(name: str) -> None:
    form = registry()[name].command.form
    assert form
    assert form.words.split()[0] == name
    for field in form.fields:
        assert field.kind is Kind.WHERE or f"{{{field.name}}}" in form.words
    assert len({field.name for field in form.fields}) == len(form.fields)
