"""Answers made of arbitrary strings, for properties that every rendering keeps."""

from datetime import timedelta

from hypothesis import strategies as st

from commands.dialogue import Answer, Bullets, Code, Context, Fields, Offer, Pick, Proof, Table, Text, Tone
from knowledge.finding import Evidence, Ref, Source
from knowledge.said import Said
from tests.bot.answers import NOW

_MARKUP = (
    "<!channel>",
    "<@U0MINJI>",
    "@here",
    "*bold*",
    "_it_",
    "~no~",
    "`code`",
    "```",
    "<http://x.y|label>",
    "&amp;",
)
_REST = (":smile:", "\u202e", "\x1b[31m", "> quoted", "http://evil.example", "한글", "\n", "x" * 4000, "<" * 4000)
_NASTY = st.sampled_from((*_MARKUP, *_REST))
strings = st.lists(st.text(max_size=20) | _NASTY, max_size=4).map("".join)
said = st.builds(lambda value: Said("{span} ago", span=value), strings)
_cell = said | strings
_evidence = st.builds(
    Evidence,
    st.sampled_from(Source),
    st.builds(Ref, strings, strings, strings),
    strings,
    strings,
    st.none() | st.integers(0, 10**6).map(lambda s: NOW - timedelta(seconds=s)),
)


def _some(what: st.SearchStrategy, most: int = 4) -> st.SearchStrategy:  # type: ignore[type-arg]
    return st.lists(what, max_size=most).map(tuple)


_offers = st.builds(Offer, said, strings, st.booleans(), st.booleans())
parts = st.one_of(
    st.builds(Text, said, st.booleans()),
    st.builds(Bullets, _some(said), st.none() | said),
    st.builds(Proof, _some(_evidence), st.none() | said),
    st.builds(Fields, _some(st.tuples(said, _cell), 12)),
    st.builds(Table, st.tuples(said, said), _some(st.tuples(_cell, _cell), 30)),
    st.builds(Code, strings, strings),
    st.builds(Context, _some(_cell)),
    st.builds(Pick, said, _some(_offers, 120), strings, st.sampled_from(["", "clusters"]), strings),
)
answers = st.builds(Answer, said, st.sampled_from(Tone), _some(parts, 8), _some(_offers, 12))
