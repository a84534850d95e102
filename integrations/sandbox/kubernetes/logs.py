"""``pods/log`` as a kubelet answers it: which run is meant, what it refuses, and which end of the text is wanted."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from integrations.sandbox.documents import Log
from integrations.sandbox.kubernetes.refusals import Fault, bad_request, invalid, wrong

Json = dict[str, Any]

_STAMP = re.compile(r"^\[?(\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?)")


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


def text_of(pod: Json, logs: list[Log], want: LogWanted, now: datetime) -> str | None:
    """The log as the kubelet sends it, ``None`` for a pod that no kubelet has yet."""
    container = _container(pod, want.container)
    if not pod["spec"].get("nodeName"):
        return None
    status = _status(pod, container)
    ended = _run(pod["metadata"]["name"], container, status, want.previous, bool(_told(logs, pod, container, True)))
    lines = _told(logs, pod, container, want.previous)
    if lines is None and ended and not want.previous:
        lines = _told(logs, pod, container, True)
    return _cut(_stamped((lines or "").splitlines(), _end(status, want.previous) or now), want)


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


def _told(logs: list[Log], pod: Json, container: str, previous: bool) -> str | None:
    meta = pod["metadata"]
    only = len(pod["spec"].get("containers", [])) == 1
    for log in logs:
        if (log.namespace, log.pod, log.previous) == (meta.get("namespace"), meta["name"], previous) and (
            log.container == container or (not log.container and only)
        ):
            return log.lines
    return None


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
