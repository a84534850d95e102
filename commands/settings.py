"""What somebody chooses for themselves: the language and the time zone of their answers."""

from dataclasses import replace
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from commands.command import Command, UsageError
from commands.dialogue import Answer, Fields, Offer, Part, Pick, Request, Text, Tone
from commands.tools import Preference, Tools
from knowledge.said import Said

COMMAND = Command(
    name="settings",
    takes="[what] [value]",
    says=Said("Your language and your time zone: settings language ko, settings zone Asia/Seoul."),
)
_LANGUAGES = {
    "auto": Said("the language of each question"),
    "ko": Said("Korean"),
    "en": Said("English"),
}
_SLACK = "slack"


def handle(request: Request, tools: Tools) -> Answer:
    if tools.preferences is None:
        return Answer(Said("Nothing can be remembered here: no database is configured."), Tone.FAILED)
    now = tools.preferences.preference(request.asker.id)
    what, value = request.args["what"].lower(), request.args["value"]
    if not what:
        return Answer(Said("Your settings"), Tone.INFO, (_told(now), *_picks(now)), topic="home", private=True)
    chosen = _chosen(now, what, value)
    tools.preferences.prefer(request.asker.id, chosen)
    return Answer(
        Said("That is how I answer you from now on."), Tone.INFO, (_told(chosen),), topic="home", private=True
    )


def home(request: Request, tools: Tools) -> tuple[Part, ...]:
    if tools.preferences is None:
        return ()
    return (Text(Said("Your settings"), strong=True), *_picks(tools.preferences.preference(request.asker.id)))


def _chosen(now: Preference, what: str, value: str) -> Preference:
    """Raises UsageError for what is neither a language nor a zone."""
    match what:
        case "language" if value.lower() in _LANGUAGES:
            return replace(now, language="" if value.lower() == "auto" else value.lower())
        case "language":
            raise UsageError(Said("A language is one of {names}.", names=", ".join(_LANGUAGES)))
        case "zone":
            return replace(now, zone="" if value.lower() == _SLACK else _zone(value))
    raise UsageError(Said("There are two settings: language and zone."))


def _zone(name: str) -> str:
    try:
        return ZoneInfo(name).key if name else ""
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise UsageError(
            Said(
                "I know no zone called {name}: they are named like Asia/Seoul, or slack for that of your profile.",
                name=name,
            )
        ) from None


def _told(now: Preference) -> Fields:
    zone = now.zone or Said("that of your Slack profile")
    return Fields(((Said("Language"), _LANGUAGES[now.language or "auto"]), (Said("Time zone"), zone)))


def _picks(now: Preference) -> tuple[Pick, ...]:
    languages = tuple(Offer(label, f"settings language {name}") for name, label in _LANGUAGES.items())
    zones = Pick(Said("Time zone"), among="zones", chosen=now.zone, says="settings zone {choice}")
    own = (Offer(Said("that of your Slack profile"), f"settings zone {_SLACK}"),)
    back = (Pick(Said("Time zone, at the moment another one than in your profile"), own),) if now.zone else ()
    return (Pick(Said("Language"), languages, f"settings language {now.language or 'auto'}"), zones, *back)
