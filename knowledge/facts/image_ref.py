"""An image reference taken apart: registry host (which may have a port), repository, tag, digest."""

from dataclasses import dataclass

_DOCKER_HUB = "docker.io"


@dataclass(frozen=True)
class ImageRef:
    """``tag`` and ``digest`` are empty when the reference does not say them."""

    host: str
    repository: str
    tag: str = ""
    digest: str = ""

    @property
    def fixed(self) -> bool:
        """Whether it names one image for ever."""
        return bool(self.digest)


def image_ref(text: str) -> ImageRef:
    """``host:5000/app:1.2@sha256:…``. The first part is a host when it has a dot, a port, or is ``localhost``."""
    rest, _, digest = text.partition("@")
    head, slash, tail = rest.partition("/")
    is_host = bool(slash) and ("." in head or ":" in head or head == "localhost")
    host, path = (head, tail) if is_host else (_DOCKER_HUB, rest)
    before, colon, tag = path.rpartition(":")
    repository, tag = (before, tag) if colon and "/" not in tag else (path, "")
    if not is_host and "/" not in repository:
        repository = f"library/{repository}"
    return ImageRef(host, repository, tag, digest)
