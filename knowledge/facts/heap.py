"""How much memory a program was told to use, by flags of the JVM, Node.js, Go and Redis in its args and environment."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from knowledge.facts.quantity import amount
from knowledge.objects import Container

_FLAG_SOURCES = frozenset(
    {
        "JAVA_TOOL_OPTIONS",
        "JAVA_OPTS",
        "JAVA_OPTIONS",
        "JDK_JAVA_OPTIONS",
        "_JAVA_OPTIONS",
        "ES_JAVA_OPTS",
        "KAFKA_HEAP_OPTS",
    }
    | {"CATALINA_OPTS", "JVM_OPTS", "NODE_OPTIONS", "GOMEMLIMIT"}
)
_XMX = re.compile(r"-Xmx(?P<n>\d+)(?P<unit>[kKmMgGtT]?)\b")
_PERCENT = re.compile(r"-XX:MaxRAMPercentage=(?P<n>\d+(?:\.\d+)?)")
_NODE = re.compile(r"--max[-_]old[-_]space[-_]size[= ](?P<n>\d+)")
_REDIS = re.compile(r"--?maxmemory[= ](?P<n>\d+)(?P<unit>[kmg]?b?)\b", re.IGNORECASE)
_UNITS = {"": 1, "k": 1024, "m": 1024**2, "g": 1024**3, "t": 1024**4}


@dataclass(frozen=True)
class HeapFlag:
    """A flag, where it stands, and the bytes it allows."""

    text: str
    path: str
    size: float


def heap_flag(container: Container, limit: float | None = None) -> HeapFlag | None:
    """The first flag that sets how much memory the program itself may use; a percentage needs the limit."""
    for path, text in _places(container):
        if path.endswith("GOMEMLIMIT]"):
            size = amount(text.removesuffix("B"))
            if size:
                return HeapFlag(f"GOMEMLIMIT={text}", path, size)
        if match := _XMX.search(text):
            return HeapFlag(match[0], path, int(match["n"]) * _UNITS[match["unit"].lower()])
        if match := _NODE.search(text):
            return HeapFlag(match[0], path, int(match["n"]) * 1024**2)
        if match := _REDIS.search(text):
            return HeapFlag(match[0], path, int(match["n"]) * _UNITS[match["unit"].lower().rstrip("b")])
        if limit and (match := _PERCENT.search(text)):
            return HeapFlag(match[0], path, limit * float(match["n"]) / 100)
    return None


def _places(container: Container) -> Iterator[tuple[str, str]]:
    for env in container.env:
        if env.name in _FLAG_SOURCES and env.value:
            yield f"spec.containers[{container.name}].env[{env.name}]", env.value
    for part, words in (("command", container.command), ("args", container.args)):
        if words:
            yield f"spec.containers[{container.name}].{part}", " ".join(words)
