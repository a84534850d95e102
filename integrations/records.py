"""What the integrations hand to commands: plain records, no client."""

from dataclasses import dataclass

from knowledge.objects import Object


@dataclass(frozen=True)
class ClusterEntry:
    """One cluster as the inventory or a KUBECONFIG describes it."""

    name: str
    zone: str = ""
    owner: str = ""
    members: tuple[str, ...] = ()
    purpose: str = ""
    context: str = ""
    kubeconfig: str = ""
    hubble: str = ""
    prometheus: str = ""
    cloud: str = ""
    project: str = ""


@dataclass(frozen=True)
class Preference:
    """What somebody chose: ``language`` (``en``, ``ko``) and ``zone`` (an IANA name); empty: not chosen."""

    language: str = ""
    zone: str = ""


@dataclass(frozen=True)
class Listing:
    """The objects of one list call. ``cut``: more exist than the limit allowed. ``unreadable``: items that were no
    such object at all and were left out. ``bytes_read``: the size of the responses."""

    items: tuple[Object, ...]
    cut: bool = False
    unreadable: int = 0
    bytes_read: int = 0
