"""mrkdwn as the page reads it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.sandbox.page.mrkdwn import Span, read, spans


def name(key: str) -> str:
    return {"U0ALEX": "alex", "C0HELP": "k8s-help"}.get(key, "")


def flat(found: tuple[Span, ...]) -> str:
    return "".join(span.text or flat(span.inside) for span in found)


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("*bold*", ["bold"]),
        ("_italic_ and ~strike~", ["italic", "", "strike"]),
        ("snake_case_name and 2*3*4", [""]),
        ("`*not bold*`", ["code"]),
        ("*굵게*는", [""]),
        ("*a `b` c*", ["bold"]),
        ("see <https://example.com|the page>", ["", "link"]),
        ("<@U0ALEX> <#C0HELP>", ["mention", "", "mention"]),
        ("<!here>", ["mention"]),
        ("<javascript:alert(1)|press>", [""]),
        (":red_circle: :tada: :nobody_drew_this:", ["sign", "", "", ""]),
    ],
)
def test_markup_is_what_slack_takes_for_markup(text: str, kinds: list[str]) -> None:
    assert [span.kind for span in spans(text, name)] == kinds


def test_names_stand_for_ids_and_escapes_for_characters() -> None:
    assert (
        flat(spans("<@U0ALEX> in <#C0HELP>: a &lt; b &amp;&amp; `x &gt; y`", name))
        == "@alex in #k8s-help: a < b && x > y"
    )


def test_lines_are_items_quotes_gaps_and_fences() -> None:
    found = read("why\n\n• one\n&gt; said\n```\n*a*\n  b\n```\nend", name)
    assert [line.kind for line in found] == ["text", "gap", "item", "quote", "fence", "text"]
    assert found[4].spans[0].text == "*a*\n  b"


@given(st.text(alphabet="*_~`<>@#!|:&;a b\n•", max_size=60))
def test_any_text_is_read(text: str) -> None:
    for line in read(text, name):
        assert all(isinstance(flat((span,)), str) for span in line.spans)


@given(
    st.text(
        alphabet=st.characters(exclude_characters="*_~`<>:&•\n\r", exclude_categories=("Cs", "Cc", "Z")), max_size=60
    )
)
def test_text_without_markup_stays_as_it_is(text: str) -> None:
    assert "".join(flat(line.spans) for line in read(text, name)) == text
