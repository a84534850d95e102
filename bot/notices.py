"""A notice as a delivery: put into the inbox under its receipt, so that it is told once, by whichever process lives."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from commands.dialogue import Answer, Notice, Offer, Tone
from commands.kept import plain, said, told
from knowledge.said import Said

if TYPE_CHECKING:
    from integrations.store import Delivery

KIND = "notice"
_TOPIC = "topic:"


@dataclass(frozen=True)
class Told:
    """What a notice's delivery holds. ``topic``: in whose thread; ``person``, ``channel``, ``hook``: or where else."""

    answer: Answer
    calls: tuple[str, ...]
    language: str
    again: str
    topic: str = ""
    person: str = ""
    channel: str = ""
    hook: str = ""


def as_delivery(notice: Notice, now: datetime) -> "Delivery":
    """What is accepted once under the notice's receipt; what is told in one place keeps its order."""
    from integrations.store import Delivery

    answer = notice.answer
    return Delivery(
        id=f"{KIND}:{notice.receipt}",
        kind=KIND,
        channel=KIND,
        thread=notice.to,
        user="",
        words=notice.again,
        received_at=now,
        payload={
            "to": notice.to,
            "calls": list(notice.calls),
            "language": notice.language,
            "headline": plain(answer.headline),
            "tone": answer.tone.value,
            "parts": plain(answer.parts) if not notice.again else [],
            "offers": [{"label": plain(o.label), "says": o.says, "primary": o.primary} for o in answer.offers],
            "about": dict(answer.about),
        },
    )


def as_told(delivery: "Delivery") -> Told:
    """The notice that a delivery holds."""
    held = delivery.payload
    to = str(held.get("to") or "")
    place = "hook" if to.startswith("https://") else "topic" if to.startswith(_TOPIC) else _kind_of(to)
    offers = tuple(
        Offer(_sentence(o["label"]), str(o["says"]), bool(o.get("primary"))) for o in held.get("offers") or ()
    )
    answer = Answer(
        _sentence(held.get("headline")),
        Tone(held.get("tone") or Tone.INFO),
        told(held.get("parts")),
        offers,
        about={str(k): str(v) for k, v in (held.get("about") or {}).items()},
    )
    calls = tuple(map(str, held.get("calls") or ()))
    return Told(answer, calls, str(held.get("language") or ""), delivery.words, **{place: to.removeprefix(_TOPIC)})


def _sentence(held: object) -> Said:
    found = said(held)
    if found is None:
        raise ValueError("a notice without a sentence")
    return found


def _kind_of(to: str) -> str:
    return "channel" if to[:1] in ("C", "G", "D") else "person"
