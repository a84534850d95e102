"""Names of objects: what is told of, asked about and walked along."""

from dataclasses import dataclass, field

from knowledge.objects import Object


@dataclass(frozen=True, order=True)
class Ref:
    """Names one object. Two refs are equal by kind, namespace and name; the uid tells incarnations apart."""

    kind: str
    namespace: str
    name: str
    uid: str = field(default="", compare=False)

    @staticmethod
    def to(thing: Object) -> "Ref":
        meta = thing.metadata
        return Ref(type(thing).RESOURCE.kind, meta.namespace, meta.name, meta.uid)

    def __str__(self) -> str:
        place = f"{self.namespace}/{self.name}" if self.namespace else self.name
        return f"{self.kind} {place}"
