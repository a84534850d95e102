"""Namespaces: whether one is there, and which ones to look into where the whole cluster may not be listed."""

from commands.tools import Kube
from integrations.errors import Denied, IntegrationError, NotFound
from knowledge.objects import Namespace, Pod

PLACES = 50
"""Namespaces that are tried one by one."""


def places(kube: Kube) -> tuple[str, ...]:
    """The namespaces to look into where the whole cluster may not be listed: those whose pods may be, else the one
    that the kubeconfig's context names."""
    try:
        known = [thing.metadata.name for thing in kube.list(Namespace, limit=PLACES).items]
        mine = tuple(name for name in known if kube.may("list", Pod, name))
    except IntegrationError:
        mine = ()
    return mine or ((kube.namespace,) if kube.namespace else ())


def exists(kube: Kube, namespace: str) -> bool:
    """Whether a namespace is there or holds pods; where that may not be asked, it is taken to be."""
    try:
        kube.get(Namespace, "", namespace)
    except NotFound:
        return bool(kube.list(Pod, namespace, limit=1).items)
    except Denied:
        return True
    return True
