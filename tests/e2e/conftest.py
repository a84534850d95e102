"""A control plane of these specs' own, with the scenes on it, and accounts that may read only a part."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml

from tests.control_plane.plane import ControlPlane
from tests.e2e.live import Outcome, enact, gurumi
from tests.e2e.objects import Thing, other

NODES = 4
Ask = Callable[..., Outcome]


@pytest.fixture(scope="session")
def live(control_plane_program: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ControlPlane]:
    """GURUMI_LIVE_PLANE names the folder of one that is up with the scenes on it already, for whoever writes specs."""
    if standing := os.environ.get("GURUMI_LIVE_PLANE"):
        yield ControlPlane(Path(standing))
        return
    plane = ControlPlane(tmp_path_factory.mktemp("live"), nodes=NODES)
    try:
        plane.up()
        enact(plane, tmp_path_factory.mktemp("logs"))
        yield plane
    finally:
        plane.down(wipe=True)


@pytest.fixture
def ask(live: ControlPlane) -> Ask:
    """A question put to the program by the administrator of the plane."""

    def put(words: str, *options: str, **environment: str) -> Outcome:
        return gurumi("ask", words, *options, environment={"KUBECONFIG": str(live.kubeconfig), **environment})

    return put


@pytest.fixture(scope="session")
def account(live: ControlPlane, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., str]:
    """A kubeconfig of a ServiceAccount of namespace shop that may read there what it is given, and nothing else."""

    def made(name: str, *resources: str, namespace: str = "") -> str:
        rules = [{"apiGroups": ["*"], "resources": list(resources), "verbs": ["get", "list"]}]
        role = {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": name}
        subject = {"kind": "ServiceAccount", "name": name, "namespace": "shop"}
        rbac = "rbac.authorization.k8s.io/v1"
        things: list[Thing] = [
            other("v1", "ServiceAccount", name, "shop"),
            other(rbac, "Role", name, "shop", rules=rules),
            other(rbac, "RoleBinding", name, "shop", roleRef=role, subjects=[subject]),
        ]
        live.kubectl("apply", "-f", "-", stdin="---\n".join(map(yaml.safe_dump, things)))
        token = live.kubectl("create", "token", name, "-n", "shop").strip()
        config = yaml.safe_load(live.kubeconfig.read_text())
        config["users"][0]["user"] = {"token": token}
        config["contexts"][0]["context"] |= {"namespace": namespace} if namespace else {}
        file = tmp_path_factory.mktemp(name) / "kubeconfig"
        file.write_text(yaml.safe_dump(config))
        return str(file)

    return made
