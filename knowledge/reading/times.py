"""When: the times that a text tells, in Korean and English, as intervals.

The words are scanned in ``time_words.py``; here words that stand together become one time, read against the moment
and the zone of whoever wrote them. How often, how long and how old are no times.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo

from knowledge.reading.time_words import Atom, atoms, length_of, month_of, weekday_of, zone_of

_DAY = timedelta(days=1)
_MINUTE = timedelta(minutes=1)
_ABOUT = timedelta(minutes=30)
_ONE_LOG = timedelta(hours=1)
"""Time stamps that are no further apart belong to one log, and so to one time."""

_PARTS: dict[str, tuple[float, float]] = {
    "dawn": (0, 6), "forenoon": (6, 12), "morning": (5, 12), "noon": (11.5, 13.5), "afternoon": (12, 18),
    "evening": (17, 22), "night": (20, 29), "midnight": (23.5, 24.5), "last_night": (18, 30),
}  # fmt: skip
"""From which hour of the day to which; past 24 it is the next day's small hours."""

_GLUE = re.compile(
    r"[\s,(·]*(?:(?:at|on|of|the|in|around|about|approx(?:imately)?|roughly|from|since|by|~|≈|약|의|에|쯤|경|날)[\s,(]*)*"
    r"(?:\([A-Za-z월화수목금토일]{1,9}\)\s*)?\Z",
    re.IGNORECASE,
)
_RANGE = re.compile(
    r"(?:\s*(?:KST|UTC|경|쯤)?\s*(?:~|–|—|-|to|until|till|and|through|부터|에서)\s*(?:about|약)?\s*)\Z", re.IGNORECASE
)
_AROUND_BEFORE = re.compile(r"(?:around|about|approx\w*|roughly|circa|near|~|≈|약|대략|한)\s*\Z", re.IGNORECASE)
_AROUND_AFTER = re.compile(r"\s*(?:쯤|경|즈음|무렵|정도|or so\b|ish\b)", re.IGNORECASE)
_SINCE_BEFORE = re.compile(r"\b(?:since|from|after|starting(?: at| from)?|began(?: at)?)\s+(?:[a-z]+\s+){0,2}\Z", re.I)
_SINCE_AFTER = re.compile(
    r"\s*(?:쯤|경|무렵)?\s*(?:\([^)]{0,20}\)\s*)?(?:부터|이후|이래|onwards?\b|배포\s*(?:이후|후|하고))", re.IGNORECASE
)
_DATED_BEFORE = re.compile(r"\b(?:on|since|from|until|before|after|at|deployed)\s+\Z", re.IGNORECASE)
_DATED_AFTER = re.compile(r"\s*(?:\([월화수목금토일]\)|부터|에\b|에서|이후|쯤|일자|배포|~)")
_NOT_WHEN = re.compile(
    r"(?:\bevery|\bas|\blike|\buntil|\bfine|\bworked|\bok|\btomorrow(?:\s+at)?|\bnext|매일|매주|내일|모레|다음\s?주|다음\s?달|차주|오는)\s+\Z",
    re.IGNORECASE,
)
"""What recurs, is compared with, or is still to come."""

_NOT_WHEN_AFTER = re.compile(r"\s*(?:까지(?:는|만)|처럼|마다|'s\b|’s\b|안(?:에|으로)|중으로|내로|예정)", re.IGNORECASE)
_SENTENCE = re.compile(r"[.!?]\s|\n|\bbut\b|지만|는데|다가")
_CLOCK_IS = re.compile(
    r"(?:times?|logs?|servers?|clocks?|timestamps?|서버|로그|시간|시각)[^.\n]{0,30}?(?<![A-Za-z])(UTC|GMT|KST)(?![A-Za-z])",
    re.IGNORECASE,
)
_CODE = re.compile(r"```.*?(?:```|\Z)", re.DOTALL)


@dataclass(frozen=True)
class Interval:
    """When something happened. ``exact``: one instant that was told to the minute or the second."""

    start: datetime
    end: datetime
    exact: bool = False


@dataclass(frozen=True)
class Spot:
    """Where in a text a time stands, and how much it tells: an instant more than a day. ``spans`` are its own words."""

    begin: int
    stop: int
    when: Interval
    weight: int
    spans: tuple[tuple[int, int], ...]


def find(text: str, now: datetime, zone: tzinfo) -> tuple[Interval, ...]:
    """The times that a text tells, in order; each of them once, none of them after ``now``."""
    return tuple(dict.fromkeys(spot.when for spot in spots(text, now, zone)))


def likeliest(found: Sequence[Spot]) -> Interval | None:
    """The time that a question is about: the one that tells most, of several the first."""
    return max(found, key=lambda spot: (spot.weight, -spot.begin)).when if found else None


def spots(text: str, now: datetime, zone: tzinfo) -> tuple[Spot, ...]:
    """The times that a text tells, and where."""
    default = _CLOCK_IS.search(text)
    reader = _Reader(text, now.astimezone(zone), zone, default.group(1) if default else "")
    code = [match.span() for match in _CODE.finditer(text)]
    groups = _same_sentence(text, _groups(text, atoms(text)))
    read = []
    for group in groups:
        spot = reader.read(group)
        if spot:
            pasted = any(begin <= spot.begin < stop for begin, stop in code)
            read.append(replace(spot, weight=spot.weight - 10) if pasted else spot)
    return tuple(_one_log(read))


def _groups(text: str, found: Sequence[Atom]) -> Iterator[list[Atom]]:
    """Atoms that stand together and do not say the same thing twice, except for the two ends of a range."""
    group: list[Atom] = []
    for atom in found:
        gap = text[group[-1].stop : atom.begin] if group else ""
        if group and not (len(gap) < 30 and _belongs(gap, group, atom)):
            yield group
            group = []
        group.append(atom)
    if group:
        yield group


def _belongs(gap: str, group: list[Atom], atom: Atom) -> bool:
    kinds = [member.kind for member in group]
    if "ago" in kinds or "fuzzy" in kinds or atom.kind in ("ago", "fuzzy"):
        return False
    if _RANGE.match(gap) and kinds[-1] != "part" and kinds.count("clock") + kinds.count("stamp") < 2:
        return atom.kind in ("clock", "part", "day", "stamp") and kinds[-1] in ("clock", "zone", "day", "stamp")
    if not _GLUE.match(gap):
        return False
    if atom.kind == "stamp" or (atom.kind in kinds and kinds[-1] != atom.kind and _open_range(group)):
        return atom.kind != "stamp"
    if atom.kind == "day" and "day" in kinds:
        return bool(atom.get("slash") or atom.get("day") or _is_weekday(atom)) and kinds.count("day") < 2
    return atom.kind not in kinds or (atom.kind == "part" and kinds.count("part") < 2)


def _is_weekday(atom: Atom) -> bool:
    return bool(atom.get("weekday") or atom.get("weekday_ko"))


def _open_range(group: list[Atom]) -> bool:
    """Whether the range's second end has begun and still lacks its clock."""
    return group[-1].kind in ("part", "day") and any(member.kind == "clock" for member in group[:-1])


def _same_sentence(text: str, groups: Iterator[list[Atom]]) -> list[list[Atom]]:
    """A day and a clock of one sentence are one time, also where words stand between them."""
    merged: list[list[Atom]] = []
    for group in groups:
        last = merged[-1] if merged else []
        between = text[last[-1].stop : group[0].begin] if last else ""
        if last and len(between) < 120 and not _SENTENCE.search(between) and _complete_each_other(last, group):
            day_first = last if _has(last, "day") else group
            if not _NOT_WHEN.search(text[max(0, day_first[0].begin - 12) : day_first[0].begin]):
                merged[-1] = last + group
                continue
        merged.append(group)
    return merged


def _has(group: list[Atom], *kinds: str) -> bool:
    return any(atom.kind in kinds for atom in group)


def _complete_each_other(one: list[Atom], other: list[Atom]) -> bool:
    if _has(one, "ago", "fuzzy", "stamp", "stretch") or _has(other, "ago", "fuzzy", "stamp", "stretch"):
        return False
    apart = ("day", "clock")
    return any(
        _has(a, x) and not _has(a, y) and _has(b, y) and not _has(b, x)
        for a, b in ((one, other),)
        for x, y in (apart, apart[::-1])
    )


def _one_log(read: Sequence[Spot]) -> Iterator[Spot]:
    """Lines of one log follow each other closely: their stamps are one time."""
    log: Spot | None = None
    for spot in read:
        stamp = spot.weight % 10 == _STAMP
        if log and stamp and abs(spot.when.start - log.when.end) <= _ONE_LOG:
            start, end = min(log.when.start, spot.when.start), max(log.when.end, spot.when.end)
            when = Interval(start, end, end - start <= _MINUTE)
            log = Spot(log.begin, spot.stop, when, log.weight, log.spans + spot.spans)
            continue
        if log:
            yield log
        log = spot if stamp else None
        if not stamp:
            yield spot
    if log:
        yield log


_STAMP, _CLOCK, _HOUR, _AGO, _PART, _ON_DAY, _STRETCH = 6, 8, 7, 5, 4, 3, 2


class _Reader:
    """Reads groups of atoms against one moment in one zone."""

    def __init__(self, text: str, now: datetime, zone: tzinfo, default_zone: str) -> None:
        self.text, self.now, self.own = text, now, zone
        self.zone = zone_of(Atom("zone", 0, 0, {"zone": default_zone}), zone) if default_zone else zone

    def read(self, group: list[Atom]) -> Spot | None:
        begin, stop = group[0].begin, group[-1].stop
        before, after = self.text[max(0, begin - 40) : begin], self.text[stop : stop + 40]
        if _NOT_WHEN.search(before) or _NOT_WHEN_AFTER.match(after):
            return None
        read = self._interval(group, before, after)
        if read is None:
            return None
        when, weight = read
        if _SINCE_AFTER.match(after) or _SINCE_BEFORE.search(before):
            when = when if _is_range(group) else Interval(when.start, self.now)
        if when.start > self.now:
            return None
        start, end = when.start.astimezone(self.own), min(when.end, self.now).astimezone(self.own)
        spans = tuple((atom.begin, atom.stop) for atom in group)
        return Spot(begin, stop, Interval(start, max(start, end), when.exact), weight, spans)

    def _interval(self, group: list[Atom], before: str, after: str) -> tuple[Interval, int] | None:
        first = group[0]
        match first.kind:
            case "ago":
                return self._ago(first), _AGO
            case "fuzzy":
                back = timedelta(minutes=20) if first.get("now") else timedelta(hours=4)
                return Interval(self.now.astimezone(UTC) - back, self.now), _AGO if first.get("now") else _STRETCH
            case "stretch":
                return self._stretch(first), _STRETCH
        stamps = [_stamp(atom, self._zone(group)) for atom in group if atom.kind == "stamp"]
        if any(stamp is None for stamp in stamps):
            return None
        instants = [stamp for stamp in stamps if stamp]
        if instants:
            return Interval(min(instants), max(instants), exact=max(instants) - min(instants) <= _MINUTE), _STAMP
        around = bool(_AROUND_BEFORE.search(before) or _AROUND_AFTER.match(after))
        return self._told(group, around)

    def _zone(self, group: list[Atom]) -> tzinfo:
        return next((zone_of(atom, self.own) for atom in group if atom.kind == "zone"), self.zone)

    def _ago(self, atom: Atom) -> Interval:
        span = length_of(atom)
        now = self.now.astimezone(UTC)
        if atom.get("span"):
            return Interval(now - span * 1.1, now)
        if span >= _DAY:
            day = (now - span).astimezone(self.zone).date()
            return Interval(self._at(day, 0, self.zone), self._at(day, 24, self.zone))
        slack = max(2 * _MINUTE, span / 4)
        return Interval(now - span - slack, now - span + slack)

    def _stretch(self, atom: Atom) -> Interval:
        today = self.now.astimezone(self.zone).date()
        monday = today - today.weekday() * _DAY
        if atom.get("month"):
            last = today.replace(day=1) - _DAY
            first, days = last.replace(day=1), last.day
        else:
            first, days = (monday, 7) if atom.get("this_week") else (monday - 7 * _DAY, 7)
        return Interval(self._at(first, 0, self.zone), self._at(first, 24 * days, self.zone))

    def _told(self, group: list[Atom], around: bool) -> tuple[Interval, int] | None:
        zone = self._zone(group)
        clocks = [atom for atom in group if atom.kind == "clock"]
        days = [atom for atom in group if atom.kind == "day"]
        parts = [atom for atom in group if atom.kind == "part"]
        today = self.now.astimezone(zone).date()
        if days and not self._is_day(days, group):
            days = []
        day = self._day(days[:2] if len(clocks) < 2 else days[:1], today) if days else None
        if days and day is None:
            return None
        if clocks:
            return self._clocked(clocks, parts, days, day, zone, around)
        if parts:
            return self._part_of_day(parts[0], day, zone)
        if day is None:
            return None
        length = 2 if all(atom.get("weekend") for atom in days) else 1
        return Interval(self._at(day, 0, zone), self._at(day, 24 * length, zone)), _ON_DAY

    def _is_day(self, days: list[Atom], group: list[Atom]) -> bool:
        """``1/14`` may be a share as well as a day: it takes a clock, or a word that dates."""
        if not days[0].get("slash") or len(days) > 1 or any(atom.kind in ("clock", "part") for atom in group):
            return True
        before, after = self.text[: days[0].begin][-20:], self.text[days[0].stop :][:20]
        return bool(_DATED_BEFORE.search(before) or _DATED_AFTER.match(after))

    def _day(self, days: list[Atom], today: date) -> date | None:
        atom = min(days, key=_explicitness)
        if atom.get("weekend"):
            return today - ((today.weekday() - 5) % 7) * _DAY
        if atom.get("weekday") or atom.get("weekday_ko"):
            return _weekday(atom, today)
        for name, back in (("ago0", 0), ("ago1", 1), ("ago2", 2)):
            if atom.get(name):
                return today - back * _DAY
        month = month_of(atom.get("name")) if atom.get("name") else atom.number("month") or 0
        year = atom.number("year")
        for candidate in (year,) if year else range(today.year, today.year - 8, -1):
            day = _date(candidate, month, atom.number("day") or 0)
            if day and (year or day <= today):
                return day
        return None

    def _clocked(
        self, clocks: list[Atom], parts: list[Atom], days: list[Atom], day: date | None, zone: tzinfo, around: bool
    ) -> tuple[Interval, int] | None:
        first = clocks[0]
        part = next((p for p in parts if p.begin < first.stop or len(clocks) == 1), None)
        today_said = any(atom.get("ago0") for atom in days)
        start = self._start(first, part, day, zone, today_said)
        end = self._end(clocks, [p for p in parts if p is not part], start, zone)
        told = bool(first.get("minute") or first.get("half_past"))
        if end is not None:
            return Interval(start, end), _CLOCK
        if around or not told:
            return Interval(start.astimezone(UTC) - _ABOUT, start.astimezone(UTC) + _ABOUT), _CLOCK if told else _HOUR
        return Interval(start, start.astimezone(UTC) + (timedelta() if first.get("second") else _MINUTE), True), _CLOCK

    def _start(self, clock: Atom, part: Atom | None, day: date | None, zone: tzinfo, today_said: bool) -> datetime:
        minute, second = _minute(clock), clock.number("second") or 0
        hours = _hours(clock, _part_name(part), dated=day is not None and not today_said)
        today = self.now.astimezone(zone).date()
        if part and part.get("last_night"):
            day = today - _DAY
            hours = [hours[0] + 24 if hours[0] < 12 else hours[0]]
        elif part and _part_name(part) == "night" and hours[0] < 6 and day and day < today:
            hours = [hours[0] + 24]
        days = [day] if day else [today, today - _DAY]
        read = [self._at(d, hour, zone, minute, second) for d in days for hour in hours]
        return max((instant for instant in read if instant <= self.now), default=min(read))

    def _end(self, clocks: list[Atom], parts: list[Atom], start: datetime, zone: tzinfo) -> datetime | None:
        """The second end of a range: the first time after its start that the clock shows this."""
        if clocks[0].get("hour2"):
            said = {"hour": clocks[0].get("hour2"), "minute": clocks[0].get("minute2"), "half": clocks[0].get("half")}
            second = Atom("clock", 0, 0, said)
        elif len(clocks) > 1:
            second = clocks[1]
        else:
            return None
        hours = _hours(second, _part_name(parts[0] if parts else None), dated=False)
        day = start.astimezone(zone).date()
        ends = [self._at(day, hour + more, zone, _minute(second)) for more in (0, 24) for hour in sorted(set(hours))]
        return min((end for end in ends if end >= start), default=start)

    def _part_of_day(self, part: Atom, day: date | None, zone: tzinfo) -> tuple[Interval, int] | None:
        name = _part_name(part)
        today = self.now.astimezone(zone).date()
        if name == "last_night":
            day = today - _DAY
        elif day is None:
            before = self.text[max(0, part.begin - 12) : part.begin]
            english = self.text[part.begin].isascii()
            told = not english or part.get("this_part") or name == "dawn" or _SOME.search(before)
            if _GREETING.search(before) or not told:
                return None
            day = today
        begin, until = _PARTS[name]
        if name == "midnight" and day != today:
            begin, until = begin, until + 0.5
        start = self._at(day, begin if name != "midnight" or day != today else -0.5, zone)
        if name == "midnight" and day == today:
            until = 0.5
        if start > self.now and name != "last_night":
            day -= _DAY
            start = self._at(day, begin, zone)
        return Interval(start, self._at(day, until, zone)), _PART

    def _at(self, day: date, hour: float, zone: tzinfo, minute: int = 0, second: int = 0) -> datetime:
        """A wall clock's time as an instant; one that the clock skipped is the instant it would have been."""
        wall = datetime.combine(day, time(), tzinfo=None) + timedelta(hours=hour, minutes=minute, seconds=second)
        return wall.replace(tzinfo=zone).astimezone(UTC).astimezone(zone)


_GREETING = re.compile(r"(?:good|좋은)\s+\Z", re.IGNORECASE)
_SOME = re.compile(r"\b(?:in the|at|around|since|about|by)\s+\Z", re.IGNORECASE)


def _is_range(group: list[Atom]) -> bool:
    return sum(2 if atom.get("hour2") else atom.kind in ("clock", "stamp") for atom in group) > 1


def _explicitness(atom: Atom) -> int:
    if atom.get("day"):
        return 0
    return 3 if atom.get("weekend") else 1 if atom.get("weekday") or atom.get("weekday_ko") else 2


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _stamp(atom: Atom, zone: tzinfo) -> datetime | None:
    digits = [atom.number(key) or 0 for key in ("year", "month", "day", "hour", "minute", "second")]
    offset = atom.get("offset").upper().replace(":", "")
    try:
        if offset and offset != "Z":
            minutes = int(offset[1:3]) * 60 + int(offset[3:5])
            zone = timezone(timedelta(minutes=minutes if offset[0] == "+" else -minutes))
        elif offset:
            zone = UTC
        year, month, day, hour, minute, second = digits
        return datetime(year, month, day, hour, minute, second, tzinfo=zone).astimezone(UTC)
    except ValueError:
        return None


def _weekday(atom: Atom, today: date) -> date:
    wanted = weekday_of(atom)
    if atom.get("week_of"):
        monday = today - today.weekday() * _DAY
        return monday + (wanted - (0 if atom.get("week_of")[0] in "이금" else 7)) * _DAY
    back = (today.weekday() - wanted) % 7
    return today - (back or (7 if atom.get("before") else 0)) * _DAY


def _part_name(part: Atom | None) -> str:
    if part is None:
        return ""
    if part.get("this_part"):
        word = part.get("this_part").split()[-1].lower()
        return "night" if word == "tonight" else word
    return next(name for name in _PARTS if part.get(name))


def _minute(clock: Atom) -> int:
    return 30 if clock.get("half_past") else clock.number("minute") or 0


def _hours(clock: Atom, part: str, *, dated: bool) -> list[int]:
    """The hours of the day that a clock's words can mean."""
    hour = clock.number("hour") or 0
    half = clock.get("half").lower()[:1]
    if half or (part and hour <= 12):
        return [_half_of_day(hour, half, part)]
    told_in_full = len(clock.get("hour")) == 2 and "korean" not in clock.said
    if told_in_full or not 1 <= hour <= 12:
        return [hour]
    if dated:
        return [hour if clock.get("minute") and "korean" not in clock.said else hour + 12 if hour < 7 else hour]
    return [hour % 12, hour % 12 + 12]


def _half_of_day(hour: int, half: str, part: str) -> int:
    small = hour % 12
    if half:
        return small + 12 if half == "p" else small
    if part in ("afternoon", "evening") or (part == "noon" and small < 5):
        return small + 12
    if part in ("night", "last_night", "midnight"):
        return small + 12 if small >= 6 else small
    return small if part != "noon" else hour
