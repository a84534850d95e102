"""The words that tell a time, in Korean and English: a scanner from text to atoms (a day, a clock, a zone, "ago" …).

What atoms mean together is decided in ``times.py``.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta, timezone, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

DAWN, MORNING, NOON, AFTERNOON, EVENING, NIGHT, MIDNIGHT = (
    "dawn", "morning", "noon", "afternoon", "evening", "night", "midnight",
)  # fmt: skip


@dataclass(frozen=True)
class Atom:
    """One word or group of words that tells something of a time, and where it stands."""

    kind: str
    begin: int
    stop: int
    said: Mapping[str, str | None]

    def get(self, key: str) -> str:
        return self.said.get(key) or ""

    def number(self, key: str) -> int | None:
        value = self.said.get(key)
        return int(value) if value else None


_MONTH = (
    "jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    "|nov(?:ember)?|dec(?:ember)?"
)
_WEEKDAY = "mon(?:day)?|tue(?:s(?:day)?)?|wed(?:nesday)?|thu(?:rs(?:day)?)?|fri(?:day)?|sat(?:urday)?|sun(?:day)?"
_DAY_NAME = "monday|tuesday|wednesday|thursday|friday|saturday|sunday"
_UNIT = "s(?:ec(?:ond)?s?)?|m(?:in(?:ute)?s?)?|h(?:(?:ou)?rs?)?|d(?:ays?)?|w(?:eeks?)?"
_COUNT = r"\d{1,4}|an?|one|two|three|four|five|six|ten|fifteen|twenty|thirty|half\s+an|a\s+couple\s+of|a\s+few"
_KO_UNIT = "초|분|시간\\s*반|시간|일|주일|주"
_KO_COUNT = r"\d{1,4}|한|두|세|네|몇|반"
_START, _END = r"(?<![A-Za-z0-9.:/_-])", r"(?![\d:A-Za-z_])"

_FORMS: Mapping[str, tuple[str, ...]] = {
    "stamp": (
        r"(?<!\d)(?P<year>20\d\d)-(?P<month>\d\d)-(?P<day>\d\d)[Tt ](?P<hour>\d\d):(?P<minute>\d\d)"
        r"(?::(?P<second>\d\d)(?:[.,]\d{1,9})?)?\s?(?P<offset>Z|[+-]\d\d:?\d\d)?(?![\d:])",
    ),
    "day": (
        r"(?<![\d.])(?P<year>20\d\d)(?P<sep>[-/.])(?P<month>\d{1,2})(?P=sep)(?P<day>\d{1,2})(?![\d:])",
        r"(?:(?P<year>20\d\d)년\s*)?(?<!\d)(?P<month>\d{1,2})월\s*(?P<day>\d{1,2})일(?:\([월화수목금토일]\))?",
        rf"\b(?P<name>{_MONTH})\.?\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\b(?!:)(?:,?\s+(?P<year>20\d\d)\b)?",
        rf"(?<![\d.:])(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?(?P<name>{_MONTH})\b(?:,?\s+(?P<year>20\d\d)\b)?",
        r"(?<![\w./-])(?P<slash>(?P<month>1[0-2]|0?[1-9])/(?P<day>3[01]|[12]\d|0?[1-9]))(?![\d/:.]|\s*(?:nodes?|pods?|"
        r"replicas?|running|ready|completed|pending|파드|노드|개|ready)\b)",
        r"(?P<ago2>\bthe\s+day\s+before\s+yesterday\b|그저께|그제|엊그제)",
        r"(?P<ago1>\byesterday\b|어제|어저께|전날)",
        r"(?P<ago0>\btoday\b|오늘)",
        r"(?P<weekend>\bweekend\b|주말)",
        r"(?P<week_of>지난\s*주|저번\s*주|이번\s*주|금주)\s*(?P<weekday_ko>[월화수목금토일])요일",
        r"(?P<before>지난|저번)?\s?(?P<weekday_ko>[월화수목금토일])요일",
        rf"\b(?P<before>last|this\s+past)\s+(?P<weekday>{_WEEKDAY})\b",
        rf"\b(?P<weekday>{_DAY_NAME})\b",
    ),
    "stretch": (
        r"(?P<week>\blast\s+week\b|지난\s*주(?!말)|저번\s*주(?!말))",
        r"(?P<this_week>\bthis\s+week\b|이번\s*주(?!말))",
        r"(?P<month>\blast\s+month\b|지난\s*달|저번\s*달)",
    ),
    "clock": (
        r"\b(?:between|from)\s+(?P<hour>2[0-3]|[01]?\d)(?::(?P<minute>[0-5]\d))?\s?(?:and|to|-|–|~)\s?"
        r"(?P<hour2>2[0-3]|[01]?\d)(?::(?P<minute2>[0-5]\d))?\s?(?P<half>[ap]\.?m)\b\.?",
        rf"{_START}(?P<hour>1[0-2]|[1-9])\s?[-–~]\s?(?P<hour2>1[0-2]|[1-9])\s?(?P<half>[ap]\.?m)\b",
        r"(?<![\d.:])(?P<hour>2[0-4]|[01]?\d)\s?[-–~]\s?(?P<hour2>2[0-4]|[01]?\d)\s?시(?!간)(?P<korean>)",
        rf"{_START}(?P<hour>[01]?\d|2[0-3]):(?P<minute>[0-5]\d)(?::(?P<second>[0-5]\d)(?:[.,]\d{{1,9}})?)?"
        rf"(?:\s?(?P<half>[ap]\.?m)\b\.?)?{_END}(?!\.\d)",
        rf"{_START}(?P<hour>1[0-2]|0?[1-9])\s?(?P<half>[ap]\.?m)\b\.?",
        r"(?<!\d)(?P<hour>2[0-4]|[01]?\d)\s?시(?!간)(?:\s?(?:(?P<minute>[0-5]?\d)\s?분(?!\s?(?:동안|간|마다|째|전))"
        r"|(?P<half_past>반)))?(?P<korean>)",
        rf"{_START}(?P<hour>1[0-2]|[1-9])\s+o['’]?clock\b",
        r"\b(?:at|around)\s+(?P<hour>1\d|2[0-3]|[1-9])(?=\s*(?:[,?!;)]|\.(?!\d)|$|\bon\b|\btoday\b|\byesterday\b))",
    ),
    "part": (
        r"(?P<last_night>\blast\s+night\b|어젯밤|간밤|지난\s*밤)",
        r"(?P<dawn>\b(?:early\s+(?:this\s+)?morning|dawn|overnight)\b|새벽)",
        r"(?P<this_part>\bthis\s+(?:morning|afternoon|evening)\b|\btonight\b)",
        r"(?P<noon>\b(?:noon|midday|lunch(?:time)?)\b|정오|점심)",
        r"(?P<midnight>\bmidnight\b|자정)",
        r"(?P<forenoon>오전)",
        r"(?P<morning>\bmorning\b|아침)",
        r"(?P<afternoon>\bafternoon\b|오후|낮(?=에|\s|부터|쯤))",
        r"(?P<evening>\bevening\b|저녁)",
        r"(?P<night>\bnight\b|밤|심야)",
    ),
    "ago": (
        rf"(?<![\w.:])(?P<count>{_COUNT})\s?(?P<unit>{_UNIT})\s+(?:ago|earlier|back)\b",
        rf"\b(?:(?:in|over|within|during|for)\s+)?(?:the\s+)?(?:last|past)\s+(?P<span>(?:(?P<count>{_COUNT})\s?)?"
        r"(?P<unit>seconds?|min(?:ute)?s?|hours?|hrs?|days?))\b",
        rf"(?<!ran )(?<!took )(?<!lasted )(?<!run )\bfor\s+(?:the\s+|about\s+|over\s+|almost\s+)*"
        rf"(?P<span>(?P<count>{_COUNT})\s?(?P<unit>{_UNIT}))\b(?=\s*(?:now\b|already\b|[.?!,;)]|$))",
        rf"(?<![\d.:])(?:한\s?|약\s?)?(?P<count>{_KO_COUNT})\s?(?P<unit>{_KO_UNIT})\s*(?:쯤\s*|정도\s*)?전(?!환|체|달|부(?!터))",
        rf"(?<![\d.:])(?P<span>(?P<count>{_KO_COUNT})\s?(?P<unit>{_KO_UNIT}))\s*(?:넘게\s*|가까이\s*)?째",
        rf"(?:지난|최근)\s*(?P<span>(?P<count>{_KO_COUNT})\s?(?P<unit>{_KO_UNIT}))(?:\s*(?:동안|간))?",
    ),
    "fuzzy": (
        r"(?P<now>\bjust\s+now\b|\ba\s+moment\s+ago\b|\ba\s+minute\s+ago\b|방금|지금\s*막|조금\s*전|좀\s*전)",
        r"(?P<a_while>\b(?:earlier|a\s+while\s+ago|recently)\b|아까)",
    ),
    "zone": (
        r"(?<![A-Za-z])(?P<zone>UTC|GMT)(?P<hours>[+-]\d{1,2})?(?![A-Za-z0-9])",
        r"(?<![A-Za-z])(?P<zone>KST|JST|SGT|CES?T|P[SD]T|E[SD]T|BST|IST)(?![A-Za-z])",
        r"(?P<korea>한국\s*시[간각]|서울\s*시[간각])",
        r"(?P<own>\b(?:our|local|my)\s+time\b)",
    ),
}

_KOREA = ZoneInfo("Asia/Seoul")
_ZONES: Mapping[str, tzinfo] = {
    "UTC": ZoneInfo("UTC"), "GMT": ZoneInfo("UTC"), "KST": _KOREA, "JST": ZoneInfo("Asia/Tokyo"),
    "SGT": ZoneInfo("Asia/Singapore"), "CET": timezone(timedelta(hours=1)), "CEST": timezone(timedelta(hours=2)),
    "PST": timezone(timedelta(hours=-8)), "PDT": timezone(timedelta(hours=-7)), "EST": timezone(timedelta(hours=-5)),
    "EDT": timezone(timedelta(hours=-4)), "BST": timezone(timedelta(hours=1)), "IST": ZoneInfo("Asia/Kolkata"),
}  # fmt: skip

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_UNITS: Mapping[str, timedelta] = {
    "s": timedelta(seconds=1), "초": timedelta(seconds=1), "m": timedelta(minutes=1), "분": timedelta(minutes=1),
    "h": timedelta(hours=1), "시": timedelta(hours=1), "d": timedelta(days=1), "일": timedelta(days=1),
    "w": timedelta(weeks=1), "주": timedelta(weeks=1),
}  # fmt: skip
_COUNTS: Mapping[str, int] = {
    "a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "ten": 10, "fifteen": 15,
    "twenty": 20, "thirty": 30, "a couple of": 2, "a few": 5, "한": 1, "두": 2, "세": 3, "네": 4, "몇": 5,
}  # fmt: skip


@lru_cache(maxsize=1)
def _forms() -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple((kind, re.compile(form, re.IGNORECASE | re.ASCII)) for kind, forms in _FORMS.items() for form in forms)


def atoms(text: str) -> list[Atom]:
    """Every word that tells something of a time, in order; of two that overlap the one whose form stands first."""
    taken = bytearray(len(text) + 1)
    found = []
    for kind, form in _forms():
        for match in form.finditer(text):
            begin, stop = match.span()
            if not any(taken[begin:stop]):
                taken[begin:stop] = b"\1" * (stop - begin)
                found.append(Atom(kind, begin, stop, match.groupdict()))
    return sorted(found, key=lambda atom: atom.begin)


def month_of(name: str) -> int:
    return _MONTHS.index(name[:3].lower()) + 1


def weekday_of(atom: Atom) -> int:
    """Monday is 0."""
    korean = atom.get("weekday_ko")
    return "월화수목금토일".index(korean) if korean else _WEEKDAYS.index(atom.get("weekday")[:3].lower())


def zone_of(atom: Atom, own: tzinfo) -> tzinfo:
    if atom.get("own"):
        return own
    if atom.get("hours"):
        return timezone(timedelta(hours=max(-23, min(23, int(atom.get("hours"))))))
    return _ZONES.get(atom.get("zone").upper(), _KOREA)


def length_of(atom: Atom) -> timedelta:
    """How long an "ago" is ago. Without a count ("the last hour") it is one."""
    count, unit = atom.get("count").lower(), atom.get("unit").lower()
    if count == "반" or count.startswith("half"):
        return _UNITS[unit[0]] / 2
    number = int(count) if count.isdigit() else _COUNTS.get(" ".join(count.split()), 1)
    return number * _UNITS[unit[0]] + (timedelta(minutes=30) if unit.endswith("반") else timedelta())
