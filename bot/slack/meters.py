"""What is counted of the Slack face, for ``/metrics``."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

_SECONDS = (0.1, 0.25, 0.5, 1, 2, 5, 10, 20, 45, 90)


class Meters:
    """One face's counters."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self.accepted = Counter(
            "gurumi_deliveries_accepted", "Deliveries that ask something, when first stored.", registry=self._registry
        )
        self.answered = Counter("gurumi_deliveries_answered", "Deliveries that are answered.", registry=self._registry)
        self.seconds = Histogram(
            "gurumi_answer_seconds",
            "Seconds from taking a delivery in hand to its last post.",
            buckets=_SECONDS,
            registry=self._registry,
        )
        self.waiting = Gauge(
            "gurumi_deliveries_waiting", "Deliveries that no process has answered yet.", registry=self._registry
        )

    def text(self) -> bytes:
        """All of it in Prometheus' text format."""
        return generate_latest(self._registry)
