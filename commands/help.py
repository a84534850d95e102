"""What this person may ask, in the words that do it."""

from commands.command import Command, Role
from commands.dialogue import Answer, Offer, Request, Table, Text, Tone
from commands.tools import Tools
from knowledge.said import Said

COMMAND = Command(name="help", says=Said("Show these words."))


def handle(request: Request, tools: Tools) -> Answer:
    mine = [c for c in tools.commands if c.role in (Role.ASK, *tools.roles)]
    rows: list[tuple[Said | str, ...]] = [(f"{c.name} {c.takes}".strip(), c.says) for c in mine]
    parts = (
        Text(Said("Just ask, in English or Korean: which workload, in which cluster or namespace, and when.")),
        Table((Said("Words"), Said("What happens")), tuple(rows)),
        Text(_rights(tools.roles)),
    )
    offers = tuple(Offer(Said("{words}", words=c.example), c.example) for c in mine if c.example)
    data = {"commands": [{"name": c.name, "takes": c.takes, "says": c.says} for c in mine]}
    return Answer(
        Said("I look into Kubernetes for you and say what is wrong, with proof."), Tone.INFO, parts, offers, data=data
    )


def home(_request: Request, tools: Tools) -> tuple[Text, ...]:
    return (Text(Said("What you may do"), strong=True), Text(_rights(tools.roles)))


def _rights(roles: frozenset[str]) -> Said:
    rights = {
        Role.FIX: Said("run fixes"),
        Role.APPROVE: Said("consent to fixes of others"),
        Role.ADMIN: Said("administer the bot"),
    }
    mine = tuple(says for role, says in rights.items() if role in roles)
    if not mine:
        return Said("You may ask; you may change nothing.")
    return Said("You may ask, and {rights}.", rights=mine)
