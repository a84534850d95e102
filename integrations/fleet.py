"""Which clusters exist, and the way to each: an inventory, else every context of KUBECONFIG, else our own cluster.

Files are read again when they change; an inventory behind a URL is asked at most twice a minute.
"""

import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rapidfuzz import process

from integrations import kube_config
from integrations.errors import IntegrationError, Misconfigured, NotFound
from integrations.inventory import is_url, read_inventory, shown
from integrations.kube_api import KubeApi
from integrations.kube_config import Kubeconfig, Way
from integrations.kube_wire import Patience
from integrations.records import ClusterEntry
from knowledge.said import Said

log = logging.getLogger(__name__)

SYSTEM = "fleet"
HOME_KUBECONFIG = "~/.kube/config"
SERVICE_ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount"
OWN_API_SERVER = "https://kubernetes.default.svc"
OWN_CLUSTER = "in-cluster"
_PATIENCE = Patience()
_NEAR = 60
_KEPT_OPEN = 32
"""Clients kept for their connections. A sweep over more clusters than that must not gather them."""
_FILES_FRESH_S = 1.0
"""A sweep opens thousands of clusters a minute; a folder of as many files is not looked through for each."""


@dataclass(frozen=True)
class _Listed:
    """The clusters, and what they were read from: as long as that is the same, so are they."""

    origin: object
    by_name: Mapping[str, ClusterEntry]

    @classmethod
    def of(cls, origin: object, entries: Iterable[ClusterEntry]) -> "_Listed":
        return cls(origin, {entry.name: entry for entry in entries})


class KubeFleet:
    """Implements ``commands.tools.Fleet``. The arguments are the settings of the same names; empty means unset."""

    def __init__(
        self,
        kubeconfig: str = "",
        inventory: str = "",
        *,
        home_kubeconfig: str = HOME_KUBECONFIG,
        service_account: str = SERVICE_ACCOUNT,
        own_api_server: str = OWN_API_SERVER,
        patience: Patience = _PATIENCE,
        fresh_s: float = 30.0,
    ) -> None:
        self._kubeconfig = kubeconfig
        self._inventory = inventory
        self._home_kubeconfig = home_kubeconfig
        self._service_account = Path(service_account)
        self._own_api_server = own_api_server
        self._patience = patience
        self._fresh_s = fresh_s
        self._lock = threading.RLock()
        self._files: dict[str, tuple[object, Kubeconfig]] = {}
        self._listed: _Listed | None = None
        self._asked_at = 0.0
        self._warning: Said | None = None
        self._open: OrderedDict[str, tuple[Way, KubeApi]] = OrderedDict()

    @property
    def warning(self) -> Said | None:
        """Set while the list of clusters is an old copy, because the inventory's URL does not answer."""
        return self._warning

    def clusters(self) -> Sequence[ClusterEntry]:
        with self._lock:
            return tuple(self._listing().by_name.values())

    def open(self, cluster: str) -> KubeApi:
        """Connects to nothing yet; a client of the same way is given again, with its connections."""
        with self._lock:
            known = self._listing().by_name
            entry = known.get(cluster)
            if entry is None:
                raise _unknown(cluster, tuple(known))
            way = self._way(entry)
            held = self._open.get(cluster)
            if held is None or held[0] != way:
                held = (way, KubeApi(cluster, way, patience=self._patience))
                self._open[cluster] = held
            self._open.move_to_end(cluster)
            if len(self._open) > _KEPT_OPEN:
                self._open.popitem(last=False)
            return held[1]

    def _listing(self) -> _Listed:
        if self._inventory:
            return self._from_inventory()
        held = self._default()
        if held is None:
            if not self._runs_in_a_cluster():
                raise _nothing_configured()
            return _Listed.of(None, [ClusterEntry(OWN_CLUSTER, context=OWN_CLUSTER)])
        if self._listed is None or self._listed.origin is not held:
            self._listed = _Listed.of(held, (ClusterEntry(name, context=name) for name in held.contexts))
        return self._listed

    def _from_inventory(self) -> _Listed:
        by_url = is_url(self._inventory)
        fresh_s = self._fresh_s if by_url else _FILES_FRESH_S
        if self._listed is not None and time.monotonic() - self._asked_at < fresh_s:
            return self._listed
        stamp = None if by_url else _stamp_of_all(Path(self._inventory).expanduser())
        if by_url or self._listed is None or self._listed.origin != stamp:
            self._listed = self._read_again(stamp, self._listed if by_url else None)
        self._asked_at = time.monotonic()
        return self._listed

    def _read_again(self, stamp: object, last_good: _Listed | None) -> _Listed:
        try:
            listed = _Listed.of(stamp, read_inventory(self._inventory))
        except IntegrationError as error:
            if last_good is None:
                raise
            log.warning("inventory: %s; the last good copy is used", error.code)
            self._warning = Said(
                "The inventory at {source} cannot be read now; the clusters are those of its last good copy.",
                source=shown(self._inventory),
            )
            return last_good
        self._warning = None
        return listed

    def _way(self, entry: ClusterEntry) -> Way:
        if entry.kubeconfig:
            held = self._read(entry.kubeconfig)
            return held.resolve(entry.context or _likely_context(entry, held))
        default = self._default()
        if default is None:
            if entry.name == OWN_CLUSTER and self._runs_in_a_cluster():
                return self._way_of_our_own()
            raise _nothing_configured()
        if not entry.context and entry.name not in default.contexts:
            says = Said("Nothing says how to reach {cluster}: no context has its name.", cluster=entry.name)
            raise Misconfigured(SYSTEM, says, Said("Add `context` or `kubeconfig` to its entry in the inventory."))
        return default.resolve(entry.context or entry.name)

    def _default(self) -> Kubeconfig | None:
        """KUBECONFIG where it is set, else the file in the home folder."""
        if self._kubeconfig:
            return self._read(self._kubeconfig)
        if Path(self._home_kubeconfig).expanduser().exists():
            return self._read(self._home_kubeconfig)
        return None

    def _read(self, paths: str) -> Kubeconfig:
        stamp = tuple(_stamp(Path(path).expanduser()) for path in paths.split(":") if path)
        held = self._files.get(paths)
        if held is None or held[0] != stamp:
            held = (stamp, kube_config.read(paths))
            self._files[paths] = held
        return held[1]

    def _runs_in_a_cluster(self) -> bool:
        return (self._service_account / "token").exists()

    def _way_of_our_own(self) -> Way:
        cluster = {"server": self._own_api_server, "certificate-authority": str(self._service_account / "ca.crt")}
        mine = self._service_account / "namespace"
        user = {"tokenFile": str(self._service_account / "token")}
        return Way(
            OWN_CLUSTER, str(self._service_account), cluster, user, mine.read_text().strip() if mine.exists() else ""
        )


def _nothing_configured() -> Misconfigured:
    return Misconfigured(SYSTEM, Said("No cluster is configured."), Said("Set KUBECONFIG or GURUMI_INVENTORY."))


def _unknown(cluster: str, names: Sequence[str]) -> NotFound:
    near = tuple(name for name, _, _ in process.extract(cluster, names, limit=3, score_cutoff=_NEAR))
    says = Said("There is no cluster {cluster}.", cluster=cluster)
    hint = Said("Did you mean {names}?", names=near) if near else Said("`clusters` lists the clusters there are.")
    return NotFound(SYSTEM, says, hint)


def _likely_context(entry: ClusterEntry, held: Kubeconfig) -> str:
    if entry.name in held.contexts:
        return entry.name
    return held.current or next(iter(held.contexts))


def _stamp(file: Path) -> object:
    try:
        status = file.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino


def _stamp_of_all(place: Path) -> object:
    return tuple((str(file), _stamp(file)) for file in (place, *sorted(place.glob("*.y*ml"))))
