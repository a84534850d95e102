"""What a probe asks and what it was told: the words for both, and which failures a pod's events hold."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from knowledge.facts.messages import UnhealthyText, unhealthy
from knowledge.objects import Event, Pod, Probe
from knowledge.said import Said
from knowledge.snapshot import Snapshot

_URL = re.compile(r'(?:Get|Head) "(?P<url>[^"]+)": (?P<cause>.*)', re.DOTALL)
_STATUS = re.compile(r"statuscode: (?P<code>\d{3})")
_SCHEME = re.compile(r"malformed HTTP response|HTTP response to HTTPS client|first record does not look like a TLS")
_LONGEST = 120


@dataclass(frozen=True)
class Failure:
    """One kind of failure of one probe, as the kubelet counted it."""

    event: Event
    text: UnhealthyText

    @property
    def status(self) -> int:
        """The HTTP status code that answered, 0 when none did."""
        match = _STATUS.search(self.text.detail)
        return int(match["code"]) if match else 0

    @property
    def refused(self) -> bool:
        return "connection refused" in self.text.detail

    @property
    def timed_out(self) -> bool:
        return any(word in self.text.detail for word in ("deadline exceeded", "timed out", "timeout"))

    @property
    def wrong_scheme(self) -> bool:
        return bool(_SCHEME.search(self.text.detail))

    @property
    def short(self) -> str:
        """The detail without the URL, which the probe's own words already hold."""
        match = _URL.search(self.text.detail)
        cause = " ".join((match["cause"] if match else self.text.detail).split())
        return cause if len(cause) <= _LONGEST else cause[: _LONGEST - 1] + "…"


def failures(seen: Snapshot, pod: Pod, container: str, *kinds: str) -> Iterator[Failure]:
    """The failures of a container's probes of these kinds (``Liveness`` …), the latest first."""
    for event in reversed(seen.events(pod, "Unhealthy")):
        text = unhealthy(event.message)
        named = event.container
        if text and text.probe in kinds and (named == container or (not named and len(pod.spec.containers) == 1)):
            yield Failure(event, text)


def asks(probe: Probe) -> str:
    """What a probe asks: ``HTTP GET :8080/healthz``, ``TCP :5432``, ``exec /bin/check``."""
    if probe.http_get:
        return f"{probe.http_get.scheme} GET :{probe.http_get.port}{probe.http_get.path or '/'}"
    if probe.tcp_socket:
        return f"TCP :{probe.tcp_socket.port}"
    if probe.grpc:
        return f"gRPC :{probe.grpc.port} {probe.grpc.service}".strip()
    words = " ".join(probe.exec.command) if probe.exec else ""
    return f"exec {words[:80]}".strip()


def patience(probe: Probe) -> timedelta:
    """How long after its start a container that never answers is left alone."""
    seconds = probe.initial_delay_seconds + probe.failure_threshold * probe.period_seconds
    return timedelta(seconds=seconds)


def terms(probe: Probe) -> Said:
    """A probe with its patience, in the terms of its own fields."""
    return Said(
        "{asks}, timeout {timeout}s, period {period}s, failureThreshold {threshold}",
        asks=asks(probe),
        timeout=probe.timeout_seconds,
        period=probe.period_seconds,
        threshold=probe.failure_threshold,
    )
