"""Words as Slack's mrkdwn. A value from outside is escaped, and stands in code style where it could format, link,
mention or become an emoji: there Slack takes nothing for markup."""

import re
from dataclasses import dataclass

from bot import plain
from bot.words import Words
from knowledge.said import Said, Value

# A value in code style is bracketed by these until its sentence is whole: inside our own code style it needs none.
_OPEN, _CLOSE = "\ue000", "\ue001"
_GROUP, _PERSON = re.compile(r"S[A-Z0-9]{2,}", re.ASCII), re.compile(r"[UW][A-Z0-9]{2,}", re.ASCII)
_COULD_FORMAT = re.compile(
    r"`|(?<!\w)[*_~]|[*_~](?!\w)"  # code, and what opens or closes bold, italics, strike
    r"|^[>•]|\w://|www\."  # a quotation, a link
    r"|@(?:here|channel|everyone)\b|[@#!][A-Z][A-Z0-9]{5,}"  # broadcasts and mentions, typed as text
    r"|:(?:100|1234|[a-z0-9_+'-]*[a-z+-][a-z0-9_+'-]*):",  # an emoji
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Mrkdwn(Words):
    """How one person reads, in Slack."""

    @staticmethod
    def of(words: Words) -> "Mrkdwn":
        return Mrkdwn(words.language, words.zone, words.now)

    def say(self, said: Said | str) -> str:
        return _styled(super().say(said))

    def value(self, value: Value) -> str:
        return super().say(value) if isinstance(value, Said) else super().value(value)

    def quote(self, text: str) -> str:
        text = re.sub(f"[{_OPEN}{_CLOSE}]", "", plain.one_line(text))
        if not _COULD_FORMAT.search(text):
            return escape(text)
        return f"{_OPEN}{escape(text.replace('`', 'ˋ'))}{_CLOSE}"

    def frame(self, template: str) -> str:
        return escape(template)


def escape(text: str) -> str:
    """The three characters that Slack's markup is made of."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def calling(name: str) -> str:
    """A person or a user group by id, so that Slack tells them; another name is only text."""
    if _GROUP.fullmatch(name):
        return f"<!subteam^{name}>"
    return f"<@{name}>" if _PERSON.fullmatch(name) else escape(name)


def code(text: str) -> str:
    """One line of verbatim text in code style."""
    text = plain.one_line(text).replace("`", "ˋ")
    return f"`{escape(text)}`" if text else ""


def fence(text: str) -> str:
    """Verbatim lines; a fence inside cannot close ours."""
    return f"```\n{escape(text.replace('```', 'ˋˋˋ'))}\n```"


def _styled(text: str) -> str:
    """Sentences whose bracketed values became code, except inside code."""
    inside, out = False, []
    for c in text:
        if c == "`":
            inside = not inside
        out.append(("" if inside else "`") if c in (_OPEN, _CLOSE) else c)
    return "".join(out)


def shorten(text: str, limit: int) -> str:
    """At most ``limit`` characters of mrkdwn: no half escape, no code style left open, and a sign that it was cut."""
    if len(text) <= limit:
        return text
    cut = re.sub(r"&[a-z]{0,3}$", "", text[: limit - 3]).rstrip()
    return cut + ("`" if cut.count("`") % 2 else "") + " …"
