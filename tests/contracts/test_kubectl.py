"""kubectl at work: the program itself, told the same by the rehearsal room as by a real control plane."""

import json
from itertools import count

import pytest
import yaml

from tests.contracts.clusters import Cluster, Json

pytestmark = pytest.mark.usefixtures("control_plane_program")
_numbers = count(1)


@pytest.fixture
def name() -> str:
    return f"typed-{next(_numbers)}"


def said(cluster: Cluster, *words: str, stdin: str | None = None) -> str:
    """What a call prints that must succeed."""
    code, text = cluster.kubectl("-n", "contract", *words, stdin=stdin)
    assert code == 0, text
    return text.strip()


def refused(cluster: Cluster, *words: str, stdin: str | None = None) -> str:
    code, text = cluster.kubectl("-n", "contract", *words, stdin=stdin)
    assert code != 0, text
    return text.strip()


def seen(cluster: Cluster, kind: str, name: str) -> Json:
    found: Json = json.loads(said(cluster, "get", kind, name, "-o", "json"))
    return found


def config_map(name: str, **data: str) -> str:
    return yaml.safe_dump({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": data})


def test_what_is_applied_again_is_merged_with_what_others_wrote(cluster: Cluster, name: str) -> None:
    assert said(cluster, "apply", "-f", "-", stdin=config_map(name, a="1", b="1")) == f"configmap/{name} created"
    said(cluster, "patch", "configmap", name, "--type=merge", "-p", '{"data": {"c": "by-hand"}}')
    assert said(cluster, "apply", "-f", "-", stdin=config_map(name, a="2")) == f"configmap/{name} configured"
    assert seen(cluster, "configmap", name)["data"] == {"a": "2", "c": "by-hand"}
    assert said(cluster, "apply", "-f", "-", stdin=config_map(name, a="2")) == f"configmap/{name} unchanged"


def test_a_difference_is_shown_before_it_is_made(cluster: Cluster, name: str) -> None:
    said(cluster, "apply", "-f", "-", stdin=config_map(name, a="1"))
    code, text = cluster.kubectl("-n", "contract", "diff", "-f", "-", stdin=config_map(name, a="2"))
    assert code == 1
    assert [line for line in text.splitlines() if line.startswith(("-  a", "+  a"))] == ['-  a: "1"', '+  a: "2"']
    assert seen(cluster, "configmap", name)["data"] == {"a": "1"}


def test_a_workload_is_made_changed_scaled_and_deleted(cluster: Cluster, name: str) -> None:
    made = said(cluster, "create", "deployment", name, "--image=registry.example.com/x:1", "--replicas=2")
    assert made == f"deployment.apps/{name} created"
    target = f"deployment/{name}"
    assert (
        said(cluster, "set", "image", target, "x=registry.example.com/x:2") == f"deployment.apps/{name} image updated"
    )
    said(cluster, "set", "resources", target, "--limits=memory=128Mi")
    said(cluster, "set", "env", target, "A=1")
    assert said(cluster, "scale", target, "--replicas=0") == f"deployment.apps/{name} scaled"
    one = seen(cluster, "deployment", name)
    [container] = one["spec"]["template"]["spec"]["containers"]
    assert container["image"] == "registry.example.com/x:2"
    assert container["resources"]["limits"] == {"memory": "128Mi"}
    assert container["env"] == [{"name": "A", "value": "1"}]
    assert (one["spec"]["replicas"], one["metadata"]["generation"]) == (0, 5)
    assert said(cluster, "rollout", "restart", target) == f"deployment.apps/{name} restarted"
    again = seen(cluster, "deployment", name)["spec"]["template"]["metadata"]["annotations"]
    assert list(again) == ["kubectl.kubernetes.io/restartedAt"]
    told = said(cluster, "delete", "deployment", name, "--wait=false")
    assert told.startswith(f'deployment.apps "{name}" deleted')


def test_a_dry_run_on_the_server_makes_nothing(cluster: Cluster, name: str) -> None:
    told = said(cluster, "create", "configmap", name, "--from-literal=a=1", "--dry-run=server")
    assert told == f"configmap/{name} created (server dry run)"
    assert refused(cluster, "get", "configmap", name) == f'Error from server (NotFound): configmaps "{name}" not found'


def test_a_field_that_is_misspelt_is_refused(cluster: Cluster, name: str) -> None:
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name},
        "spec": {"containers": [{"name": "app", "image": "x", "imagePullPolcy": "Always"}]},
    }
    text = refused(cluster, "create", "-f", "-", stdin=yaml.safe_dump(pod))
    assert text.endswith('strict decoding error: unknown field "spec.containers[0].imagePullPolcy"')


def test_labels_and_annotations_are_put_on_and_taken_off(cluster: Cluster, name: str) -> None:
    said(cluster, "create", "configmap", name)
    assert said(cluster, "label", "configmap", name, "a=b") == f"configmap/{name} labeled"
    assert said(cluster, "annotate", "configmap", name, "c=d") == f"configmap/{name} annotated"
    meta = seen(cluster, "configmap", name)["metadata"]
    assert (meta["labels"], meta["annotations"]) == ({"a": "b"}, {"c": "d"})
    said(cluster, "label", "configmap", name, "a-")
    assert not seen(cluster, "configmap", name)["metadata"].get("labels")


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        (["can-i", "delete", "pods"], "yes"),
        (["can-i", "create", "pods/eviction"], "yes"),
        (["can-i", "delete", "pods", "--as", "anna"], "no"),
        (["can-i", "list", "deployments.apps", "--as", "anna"], "no"),
    ],
)
def test_what_one_may_do_can_be_asked(cluster: Cluster, words: list[str], answer: str) -> None:
    _, text = cluster.kubectl("-n", "contract", "auth", *words)
    assert text.split()[0] == answer


def test_who_one_is_can_be_asked(cluster: Cluster) -> None:
    told = said(cluster, "auth", "whoami", "--as", "anna", "-o", "json")
    assert json.loads(told)["status"]["userInfo"]["username"] == "anna"


def test_who_may_not_is_told_so(cluster: Cluster) -> None:
    assert refused(cluster, "delete", "pod", "web-a", "--as", "anna") == (
        'Error from server (Forbidden): pods "web-a" is forbidden: User "anna" cannot delete resource "pods" in API '
        'group "" in the namespace "contract"'
    )


def test_a_pod_is_described(cluster: Cluster) -> None:
    told = " ".join(said(cluster, "describe", "pod", "web-a").split())
    assert "State: Waiting Reason: CrashLoopBackOff" in told
    assert "Last State: Terminated Reason: OOMKilled Exit Code: 137" in told
    assert "Restart Count: 3" in told


def test_events_are_listed_by_their_object(cluster: Cluster) -> None:
    [_, row] = said(cluster, "get", "events", "--field-selector", "involvedObject.name=web-a").splitlines()
    assert row.split()[1:] == ["Warning", "BackOff", "pod/web-a", "Back-off", "restarting", "failed", "container"]


def test_namespaces_come_and_go(cluster: Cluster, name: str) -> None:
    assert said(cluster, "create", "namespace", name) == f"namespace/{name} created"
    told = said(cluster, "delete", "namespace", name, "--wait=false")
    assert told.startswith(f'namespace "{name}" deleted')
    assert seen(cluster, "namespace", name)["status"]["phase"] == "Terminating"
