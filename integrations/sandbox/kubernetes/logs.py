"""``pods/log`` as a kubelet answers it: what was written by which run, what it refuses, which end of it is wanted."""

import re
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from integrations.sandbox.documents import Log
from integrations.sandbox.kubernetes.refusals import Fault, bad_request, invalid, wrong
from integrations.sandbox.moments import seconds, stamp

Json = dict[str, Any]

_STAMP = re.compile(r"^\[?(\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?)")
_LATER = re.compile(r"\{\+((?:\d+[dhms])+)\}")


@dataclass(frozen=True)
class LogWanted:
    """The parameters of a log request that the room honours."""

    container: str = ""
    previous: bool = False
    timestamps: bool = False
    tail: int | None = None
    limit: int | None = None
    since: datetime | None = None


def wanted(pod: str, asked: Mapping[str, str], now: datetime) -> LogWanted:
    """Reads the query; refuses what the API server refuses before it asks a kubelet."""
    tail, limit, seconds = (_number(asked, key) for key in ("tailLines", "limitBytes", "sinceSeconds"))
    if tail is not None and tail < 0:
        raise _out_of_range(pod, "tailLines", tail, "must be greater than or equal to 0")
    if limit is not None and limit < 1:
        raise _out_of_range(pod, "limitBytes", limit, "must be greater than 0")
    if seconds is not None and seconds < 1:
        raise _out_of_range(pod, "sinceSeconds", seconds, "must be greater than 0")
    if "sinceTime" in asked and seconds is not None:
        said = "Forbidden: at most one of `sinceTime` or `sinceSeconds` may be specified"
        raise invalid("PodLogOptions", pod, Fault("FieldValueForbidden", "[]", said))
    since = now - timedelta(seconds=seconds) if seconds is not None else None
    if "sinceTime" in asked:
        since = _time(asked["sinceTime"])
        if since is None:
            raise bad_request(f'parsing time "{asked["sinceTime"]}": invalid syntax')
    return LogWanted(
        asked.get("container", ""), _true(asked, "previous"), _true(asked, "timestamps"), tail, limit, since
    )


class LogBook:
    """What containers wrote: the runs that a world tells of, and those that begin and end while it lives."""

    def __init__(self, logs: Iterable[Log]) -> None:
        self._told = {(log.namespace, log.pod, log.container, log.previous): log.lines for log in logs}
        self._running: dict[tuple[str, str, str], tuple[datetime, str]] = {}
        self._lock = threading.Lock()

    def begin(self, namespace: str, pod: str, container: str, at: datetime, script: str) -> None:
        """A run starts. ``script``: its lines; ``{+5s}`` is the time 5 s after the start, when the line is written."""
        with self._lock:
            self._told.pop((namespace, pod, container, False), None)
            self._told.pop((namespace, pod, "", False), None)
            self._running[namespace, pod, container] = at, script

    def end(self, namespace: str, pod: str, container: str, at: datetime) -> None:
        with self._lock:
            text = self._current(namespace, pod, container, True, at)
            self._running.pop((namespace, pod, container), None)
            self._told.pop((namespace, pod, container, False), None)
            self._told[namespace, pod, container, True] = text or ""

    def lines(self, pod: Json, container: str, *, previous: bool, now: datetime) -> str | None:
        """A run's whole text so far, ``None`` when nothing is known of it."""
        meta, only = pod["metadata"], len(pod["spec"].get("containers", [])) == 1
        place = meta.get("namespace", ""), meta["name"]
        with self._lock:
            if previous:
                found = self._told.get((*place, container, True))
                return self._told.get((*place, "", True)) if found is None and only else found
            return self._current(*place, container, only, now)

    def _current(self, namespace: str, pod: str, container: str, only: bool, now: datetime) -> str | None:
        running = self._running.get((namespace, pod, container))
        if running:
            return _played(*running, now)
        found = self._told.get((namespace, pod, container, False))
        return self._told.get((namespace, pod, "", False)) if found is None and only else found


def _played(began: datetime, script: str, now: datetime) -> str:
    """The lines of a script that are written by now."""
    lines, at = [], began
    for line in script.splitlines():
        found = _LATER.search(line)
        if found:
            at = began + timedelta(seconds=seconds(found[1]))
        if at > now:
            break
        lines.append(_LATER.sub(stamp(at), line))
    return "".join(f"{line}\n" for line in lines)


def text_of(pod: Json, book: LogBook, want: LogWanted, now: datetime) -> str | None:
    """The log as the kubelet sends it, ``None`` for a pod that no kubelet has yet."""
    container = _container(pod, want.container)
    if not pod["spec"].get("nodeName"):
        return None
    status = _status(pod, container)
    before = book.lines(pod, container, previous=True, now=now)
    ended = _run(pod["metadata"]["name"], container, status, want.previous, bool(before))
    lines = before if want.previous else book.lines(pod, container, previous=False, now=now)
    if lines is None and ended:
        lines = before
    return _cut(_stamped((lines or "").splitlines(), _end(status, want.previous) or now), want)


def running(pod: Json, want: LogWanted) -> str:
    """Which run a log is followed of: when it began, empty when nothing runs."""
    state = _status(pod, _container(pod, want.container)).get("state", {})
    return "" if want.previous else str(state.get("running", {}).get("startedAt", ""))


def _container(pod: Json, name: str) -> str:
    spec, pod_name = pod["spec"], pod["metadata"]["name"]
    main = [c["name"] for c in spec.get("containers", [])]
    first = [c["name"] for c in spec.get("initContainers", [])]
    debug = [c["name"] for c in spec.get("ephemeralContainers", [])]
    if name:
        if name not in (*main, *first, *debug):
            raise bad_request(f"container {name} is not valid for pod {pod_name}")
        return name
    default = pod["metadata"].get("annotations", {}).get("kubectl.kubernetes.io/default-container", "")
    if len(main) == 1 and not first and not debug:
        return str(main[0])
    if default in main:
        return str(default)
    said = f"a container name must be specified for pod {pod_name}, choose one of: [{' '.join(main)}]"
    if first:
        said += f" or one of the init containers: [{' '.join(first)}]"
    if debug:
        said += f" or one of the ephemeral containers: [{' '.join(debug)}]"
    raise bad_request(said)


def _status(pod: Json, container: str) -> Json:
    status = pod.get("status", {})
    for kind in ("containerStatuses", "initContainerStatuses", "ephemeralContainerStatuses"):
        for found in status.get(kind, []):
            if found["name"] == container:
                return dict(found)
    return {}


def _run(pod: str, container: str, status: Json, previous: bool, told: bool) -> bool:
    """Refuses a run that never was; True when the latest run is one that ended before."""
    state, last = status.get("state", {}), status.get("lastState", {}).get("terminated")
    if previous:
        if not last and not told:
            raise bad_request(f'previous terminated container "{container}" in pod "{pod}" not found')
        return True
    if "running" in state or "terminated" in state:
        return False
    if last:
        return True
    reason = state.get("waiting", {}).get("reason", "ContainerCreating")
    said = _WAITING.get(reason, reason)
    raise bad_request(f'container "{container}" in pod "{pod}" is waiting to start: {said}')


_WAITING = {"ErrImagePull": "image can't be pulled", "ImagePullBackOff": "trying and failing to pull image"}


def _end(status: Json, previous: bool) -> datetime | None:
    ended = status.get("lastState" if previous else "state", {}).get("terminated", {})
    return _time(ended.get("finishedAt", "") or "")


def _stamped(lines: list[str], end: datetime) -> list[tuple[datetime, str]]:
    """Each line with its time: the one it opens with, else that of the line before it, else the run's end."""
    stamped, latest = [], None
    for line in lines:
        found = _STAMP.match(line)
        latest = (_time(found[1]) if found else None) or latest
        stamped.append((latest or end, line))
    return stamped


def _cut(lines: list[tuple[datetime, str]], want: LogWanted) -> str:
    if want.since is not None:
        since = want.since
        lines = [(at, line) for at, line in lines if at >= since]
    if want.tail is not None:
        lines = lines[len(lines) - min(want.tail, len(lines)) :]
    texts = [f"{at.strftime('%Y-%m-%dT%H:%M:%S.%fZ')} {line}" if want.timestamps else line for at, line in lines]
    whole = "".join(f"{text}\n" for text in texts)
    return whole if want.limit is None else whole.encode()[: want.limit].decode(errors="ignore")


def _number(asked: Mapping[str, str], key: str) -> int | None:
    text = asked.get(key)
    if not text:
        return None
    if not re.fullmatch(r"[+-]?\d+", text):
        raise bad_request(f'strconv.ParseInt: parsing "{text}": invalid syntax')
    return int(text)


def _out_of_range(pod: str, field: str, value: int, rule: str) -> Exception:
    return invalid("PodLogOptions", pod, wrong(field, value, rule))


def _time(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text.replace(",", "."))
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _true(asked: Mapping[str, str], key: str) -> bool:
    return asked.get(key, "").lower() in ("true", "1", "t")
