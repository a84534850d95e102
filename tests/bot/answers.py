"""Answers that show every part and tone, for the snapshots of the renderers."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from bot.words import Words
from commands.dialogue import Answer, Bullets, Code, Context, Fields, Offer, Pick, Proof, Table, Text, Tone
from knowledge.finding import Evidence, Ref, Source
from knowledge.said import Said

NOW = datetime(2026, 1, 15, 5, 30, tzinfo=UTC)
READERS = {language: Words(language, ZoneInfo("Asia/Seoul"), NOW) for language in ("en", "ko")}
_POD = Ref("Pod", "shop", "cart-7d9f-k2x")
_EARLIER = datetime(2026, 1, 14, 20, 12, tzinfo=UTC)
_EVIDENCE = (
    Evidence(Source.FIELD, _POD, "status.containerStatuses[0].lastState.terminated.reason", "OOMKilled", _EARLIER),
    Evidence(Source.EVENT, _POD, "BackOff", "Back-off restarting failed container <app>"),
    Evidence(Source.LOG, _POD, "app", "heap is full\n  at cart.Basket.add(Basket.java:17)"),
    Evidence(Source.ABSENCE, Ref("Secret", "shop", "cart-db"), "", ""),
)
HEADLINE = Said("{span} ago", span="Pod *cart* <!channel>")

ANSWERS = {
    **{tone.value: Answer(HEADLINE, tone) for tone in Tone},
    "text": Answer(HEADLINE, Tone.FOUND, (Text(Said("log"), strong=True), Text(Said("in {span}", span="`a` _b_ c_d")))),
    "bullets": Answer(HEADLINE, Tone.FOUND, (Bullets((Said("event"), Said("in {span}", span="@here")), Said("log")),)),
    "proof": Answer(HEADLINE, Tone.FOUND, (Proof(_EVIDENCE, Said("event")),)),
    "fields": Answer(HEADLINE, Tone.INFO, (Fields(((Said("event"), "BackOff"), (Said("log"), Said("h")))),)),
    "table": Answer(
        HEADLINE, Tone.INFO, (Table((Said("event"), Said("log")), (("결제-서비스", "3"), ("cart", Said("h")))),)
    ),
    "code": Answer(HEADLINE, Tone.INFO, (Code("kind: Pod\n```\n<b>\x1b[31mred\x1b[0m", "pod.yaml"),)),
    "context": Answer(HEADLINE, Tone.INFO, (Context(("prod-seoul", Said("{span} ago", span=NOW - _EARLIER))),)),
    "picks": Answer(
        HEADLINE,
        Tone.ASK,
        (
            Pick(Said("event"), (Offer(Said("log"), "why cart"), Offer(Said("event"), "w" * 151)), "w" * 151),
            Pick(Said("log"), among="clusters", says="diagnose {choice}", chosen="prod-seoul"),
        ),
        tuple(Offer(Said("{n:|event|events}", n=n), f"why {n}", aside=n > 6) for n in range(9)),
    ),
    "offers": Answer(
        HEADLINE,
        Tone.ASK,
        offers=(
            Offer(Said("log"), "why cart", primary=True),
            Offer(Said("event"), "diagnose shop"),
            Offer(Said("s"), "w" * 2001),
        ),
    ),
}
