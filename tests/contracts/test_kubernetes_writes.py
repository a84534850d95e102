"""Writing: what is created, changed, refused and deleted, by the rehearsal room as by a real control plane."""

from itertools import count
from typing import Any

import pytest

from tests.contracts.clusters import PODS, SPACE, Cluster, Json

MERGE, STRATEGIC = "application/merge-patch+json", "application/strategic-merge-patch+json"
JSON_PATCH = "application/json-patch+json"
CONFIG_MAPS = f"{SPACE}/configmaps"
DEPLOYMENTS = "/apis/apps/v1/namespaces/contract/deployments"
BUDGETS = "/apis/policy/v1/namespaces/contract/poddisruptionbudgets"
_numbers = count(1)


@pytest.fixture
def name() -> str:
    """A name that no other test uses."""
    return f"written-{next(_numbers)}"


def config_map(name: str, **more: Any) -> Json:
    meta = {"name": name, **more.pop("metadata", {})}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": meta, "data": {"a": "1"}, **more}


def deployment(name: str, **spec: Any) -> Json:
    template = {
        "metadata": {"labels": {"app": name}},
        "spec": {"containers": [{"name": "app", "image": "registry.example.com/x:1"}]},
    }
    whole = {"replicas": 2, "selector": {"matchLabels": {"app": name}}, "template": template, **spec}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name}, "spec": whole}


def container(**fields: Any) -> Json:
    """What a Deployment is given as ``template`` to have one container that is unlike the usual one."""
    one = {"name": "app", "image": "registry.example.com/x:1", **fields}
    return {"metadata": {"labels": {"app": "faulty"}}, "spec": {"containers": [one]}}


def pod(name: str, **spec: Any) -> Json:
    whole = {"containers": [{"name": "app", "image": "registry.example.com/x:1"}], **spec}
    meta = {"name": name, "labels": {"app": name}}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": whole}


def made(cluster: Cluster, path: str, thing: Json) -> Json:
    code, body = cluster.ask(path, "POST", thing)
    assert code == 201, body
    kept: Json = body
    return kept


def patch(cluster: Cluster, path: str, body: Any, how: str = MERGE, **query: Any) -> tuple[int, Json]:
    return cluster.ask(path, "PATCH", body, {"Content-Type": how}, **query)


def test_what_is_created_has_an_identity_and_a_version(cluster: Cluster, name: str) -> None:
    meta = made(cluster, CONFIG_MAPS, config_map(name))["metadata"]
    assert (meta["name"], meta["namespace"]) == (name, "contract")
    assert len(meta["uid"]) == 36
    assert meta["resourceVersion"].isdecimal()
    assert meta["creationTimestamp"].endswith("Z")


def test_a_name_can_be_left_to_the_server(cluster: Cluster) -> None:
    thing = config_map("x")
    thing["metadata"] = {"generateName": "given-"}
    kept = made(cluster, CONFIG_MAPS, thing)["metadata"]
    assert kept["name"].startswith("given-")
    assert len(kept["name"]) == len("given-") + 5


def test_defaults_are_filled_in_and_a_status_is_not_taken_from_the_writer(cluster: Cluster, name: str) -> None:
    kept = made(cluster, DEPLOYMENTS, {**deployment(name), "status": {"replicas": 7}})
    assert kept["metadata"]["generation"] == 1
    assert kept["spec"]["strategy"]["rollingUpdate"] == {"maxUnavailable": "25%", "maxSurge": "25%"}
    assert (kept["spec"]["revisionHistoryLimit"], kept["spec"]["progressDeadlineSeconds"]) == (10, 600)
    assert kept["spec"]["template"]["spec"] == {
        "containers": [
            {
                "name": "app",
                "image": "registry.example.com/x:1",
                "resources": {},
                "terminationMessagePath": "/dev/termination-log",
                "terminationMessagePolicy": "File",
                "imagePullPolicy": "IfNotPresent",
            }
        ],
        "restartPolicy": "Always",
        "terminationGracePeriodSeconds": 30,
        "dnsPolicy": "ClusterFirst",
        "securityContext": {},
        "schedulerName": "default-scheduler",
    }
    assert "replicas" not in kept["status"]


@pytest.mark.parametrize(
    ("path", "thing", "code", "message"),
    [
        (f"{SPACE}/configmaps", config_map("twice"), 409, 'configmaps "twice" already exists'),
        (
            "/api/v1/namespaces/nowhere/configmaps",
            config_map("x"),
            404,
            'namespaces "nowhere" not found',
        ),
        (
            CONFIG_MAPS,
            config_map("x", metadata={"namespace": "other"}),
            400,
            "the namespace of the provided object does not match the namespace sent on the request",
        ),
        (
            CONFIG_MAPS,
            {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {}},
            422,
            'ConfigMap "" is invalid: metadata.name: Required value: name or generateName is required',
        ),
        (
            CONFIG_MAPS,
            config_map("x", metadata={"resourceVersion": "5"}),
            500,
            "resourceVersion should not be set on objects to be created",
        ),
        (
            CONFIG_MAPS,
            {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "x"}},
            400,
            'Secret in version "v1" cannot be handled as a ConfigMap: converting (v1.Secret) to (core.ConfigMap): '
            "unknown conversion",
        ),
        (
            CONFIG_MAPS,
            config_map("x", data={"a": 1}),
            400,
            'ConfigMap in version "v1" cannot be handled as a ConfigMap: json: cannot unmarshal number into Go struct '
            "field ConfigMap.data of type string",
        ),
        (
            DEPLOYMENTS,
            deployment("x", replicas="3"),
            400,
            'Deployment in version "v1" cannot be handled as a Deployment: json: cannot unmarshal string into Go '
            "struct field DeploymentSpec.spec.replicas of type int32",
        ),
        (
            DEPLOYMENTS,
            deployment("x", replicas=-1),
            422,
            'Deployment.apps "x" is invalid: spec.replicas: Invalid value: -1: must be greater than or equal to 0',
        ),
        (
            DEPLOYMENTS,
            deployment("faulty", template=container(image="")),
            422,
            'Deployment.apps "faulty" is invalid: spec.template.spec.containers[0].image: Required value',
        ),
        (
            DEPLOYMENTS,
            deployment("faulty", template=container(resources={"limits": {"memory": "1Q"}})),
            400,
            'Deployment in version "v1" cannot be handled as a Deployment: quantities must match the regular '
            "expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
        ),
        (
            DEPLOYMENTS,
            deployment(
                "faulty", template=container(resources={"limits": {"memory": "1Gi"}, "requests": {"memory": "2Gi"}})
            ),
            422,
            'Deployment.apps "faulty" is invalid: spec.template.spec.containers[0].resources.requests: Invalid value: '
            '"2Gi": must be less than or equal to memory limit of 1Gi',
        ),
        (
            DEPLOYMENTS,
            deployment("faulty", template=container(volumeMounts=[{"name": "v", "mountPath": "/v"}])),
            422,
            'Deployment.apps "faulty" is invalid: spec.template.spec.containers[0].volumeMounts[0].name: Not found: '
            '"v"',
        ),
        (
            DEPLOYMENTS,
            deployment("x", selector={"matchLabels": {"app": "y"}}),
            422,
            'Deployment.apps "x" is invalid: spec.template.metadata.labels: Invalid value: {"app":"x"}: `selector` '
            "does not match template `labels`",
        ),
        (
            f"{SPACE}/services",
            {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "s"}, "spec": {"selector": {"a": "b"}}},
            422,
            'Service "s" is invalid: spec.ports: Required value',
        ),
        (
            "/apis/batch/v1/namespaces/contract/jobs",
            {
                "apiVersion": "batch/v1",
                "kind": "Job",
                "metadata": {"name": "j"},
                "spec": {"template": {"spec": {"containers": [{"name": "a", "image": "x"}]}}},
            },
            422,
            'Job.batch "j" is invalid: spec.template.spec.restartPolicy: Required value: valid values: "OnFailure", '
            '"Never"',
        ),
    ],
)
def test_what_is_wrong_is_refused_with_what_is_wrong(
    cluster: Cluster, path: str, thing: Json, code: int, message: str
) -> None:
    if code == 409:
        made(cluster, path, thing)
    said, body = cluster.ask(path, "POST", thing)
    assert (said, body["message"]) == (code, message)


def test_every_fault_is_a_cause_of_its_own(cluster: Cluster) -> None:
    twice = [{"name": "a", "image": "x"}, {"name": "a", "image": ""}]
    thing = pod("faulty", containers=twice, restartPolicy="Sometimes")
    code, body = cluster.ask(PODS, "POST", thing)
    assert (code, body["reason"], body["details"]["name"], body["details"]["kind"]) == (422, "Invalid", "faulty", "Pod")
    assert [(cause["reason"], cause["field"]) for cause in body["details"]["causes"]] == [
        ("FieldValueRequired", "spec.containers[1].image"),
        ("FieldValueDuplicate", "spec.containers[1].name"),
        ("FieldValueNotSupported", "spec.restartPolicy"),
    ]


def test_a_field_that_nobody_knows_is_dropped_unless_the_writer_is_strict(cluster: Cluster, name: str) -> None:
    thing = deployment(name)
    thing["spec"]["template"]["spec"]["containers"][0]["imagePolicy"] = "Always"
    code, body = cluster.ask(DEPLOYMENTS, "POST", thing, fieldValidation="Strict")
    assert (code, body["message"]) == (
        400,
        'Deployment in version "v1" cannot be handled as a Deployment: strict decoding error: unknown field '
        '"spec.template.spec.containers[0].imagePolicy"',
    )
    kept = made(cluster, DEPLOYMENTS, thing)
    assert "imagePolicy" not in kept["spec"]["template"]["spec"]["containers"][0]


@pytest.mark.parametrize(("verb", "code"), [("POST", 201), ("PATCH", 200), ("DELETE", 200)])
def test_a_dry_run_answers_and_keeps_nothing(cluster: Cluster, name: str, verb: str, code: int) -> None:
    path = CONFIG_MAPS
    if verb != "POST":
        made(cluster, CONFIG_MAPS, config_map(name))
        path = f"{CONFIG_MAPS}/{name}"
    body = {"POST": config_map(name), "PATCH": {"data": {"a": "2"}}, "DELETE": None}[verb]
    headers = {"Content-Type": MERGE} if verb == "PATCH" else {}
    before = cluster.ask(f"{CONFIG_MAPS}/{name}")
    said, told = cluster.ask(path, verb, body, headers, dryRun="All")
    assert said == code
    if verb == "POST":
        assert "resourceVersion" not in told["metadata"]
        assert told["metadata"]["uid"]
    assert cluster.ask(f"{CONFIG_MAPS}/{name}") == before


def test_a_dry_run_of_another_kind_is_no_dry_run(cluster: Cluster, name: str) -> None:
    code, body = cluster.ask(CONFIG_MAPS, "POST", config_map(name), dryRun="yes")
    assert (code, body["message"]) == (
        422,
        'CreateOptions.meta.k8s.io "" is invalid: dryRun: Unsupported value: ["yes"]: supported values: "All"',
    )


def test_a_replacement_at_an_old_version_is_a_conflict(cluster: Cluster, name: str) -> None:
    read = made(cluster, CONFIG_MAPS, config_map(name))
    path = f"{CONFIG_MAPS}/{name}"
    code, first = cluster.ask(path, "PUT", {**read, "data": {"a": "2"}})
    assert (code, first["data"]) == (200, {"a": "2"})
    assert first["metadata"]["uid"] == read["metadata"]["uid"]
    code, body = cluster.ask(path, "PUT", {**read, "data": {"a": "3"}})
    assert (code, body["reason"], body["details"]) == (409, "Conflict", {"name": name, "kind": "configmaps"})
    assert body["message"] == (
        f'Operation cannot be fulfilled on configmaps "{name}": the object has been modified; please apply your '
        "changes to the latest version and try again"
    )


def test_a_replacement_that_names_no_version_is_taken(cluster: Cluster, name: str) -> None:
    made(cluster, CONFIG_MAPS, config_map(name))
    code, body = cluster.ask(f"{CONFIG_MAPS}/{name}", "PUT", config_map(name, data={"b": "1"}))
    assert (code, body["data"]) == (200, {"b": "1"})


def test_a_change_that_changes_nothing_makes_no_new_version(cluster: Cluster, name: str) -> None:
    read = made(cluster, CONFIG_MAPS, config_map(name))
    code, body = patch(cluster, f"{CONFIG_MAPS}/{name}", {"data": {"a": "1"}})
    assert (code, body["metadata"]["resourceVersion"]) == (200, read["metadata"]["resourceVersion"])


@pytest.mark.parametrize(
    ("body", "code", "message"),
    [
        (
            {"metadata": {"resourceVersion": "1"}},
            409,
            'Operation cannot be fulfilled on configmaps "{name}": the object has been modified; please apply your '
            "changes to the latest version and try again",
        ),
        (
            {"metadata": {"uid": "1"}},
            422,
            'ConfigMap "{name}" is invalid: metadata.uid: Invalid value: "1": field is immutable',
        ),
        (
            {"metadata": {"name": "other"}},
            400,
            "the name of the object (other) does not match the name on the URL ({name})",
        ),
        (
            [1],
            400,
            "error decoding patch: json: cannot unmarshal array into Go value of type map[string]interface {{}}",
        ),
    ],
)
def test_a_patch_cannot_make_another_object_of_it(
    cluster: Cluster, name: str, body: Any, code: int, message: str
) -> None:
    made(cluster, CONFIG_MAPS, config_map(name))
    said, told = patch(cluster, f"{CONFIG_MAPS}/{name}", body)
    assert (said, told["message"]) == (code, message.format(name=name))


def test_a_patch_cannot_put_in_what_does_not_belong(cluster: Cluster, name: str) -> None:
    made(cluster, CONFIG_MAPS, config_map(name))
    path = f"{CONFIG_MAPS}/{name}"
    code, body = patch(cluster, path, {"foo": 1})
    assert (code, "foo" in body) == (200, False)
    code, body = patch(cluster, path, {"foo": 1}, fieldValidation="Strict")
    assert (code, body["details"]["causes"][0]["field"]) == (422, "patch")
    assert body["message"].endswith('strict decoding error: unknown field "foo"')
    code, body = patch(cluster, path, {"data": {"a": 1}})
    assert (code, body["reason"]) == (422, "Invalid")
    assert body["message"].endswith("cannot unmarshal number into Go struct field ConfigMap.data of type string")


def test_a_patch_of_what_is_not_there_makes_nothing(cluster: Cluster, name: str) -> None:
    code, body = patch(cluster, f"{CONFIG_MAPS}/{name}", {"data": {"a": "1"}})
    assert (code, body["message"]) == (404, f'configmaps "{name}" not found')


def test_a_merge_patch_takes_away_what_is_null(cluster: Cluster, name: str) -> None:
    made(cluster, CONFIG_MAPS, config_map(name))
    _, body = patch(cluster, f"{CONFIG_MAPS}/{name}", {"data": {"b": "2", "a": None}})
    assert body["data"] == {"b": "2"}


def test_a_json_patch_is_applied_whole_or_not_at_all(cluster: Cluster, name: str) -> None:
    made(cluster, CONFIG_MAPS, config_map(name))
    path = f"{CONFIG_MAPS}/{name}"
    added = {"op": "add", "path": "/data/b", "value": "2"}
    _, body = patch(cluster, path, [added, {"op": "test", "path": "/data/a", "value": "1"}], JSON_PATCH)
    assert body["data"] == {"a": "1", "b": "2"}
    late = [{"op": "remove", "path": "/data/a"}, {"op": "test", "path": "/data/b", "value": "9"}]
    code, told = patch(cluster, path, late, JSON_PATCH)
    assert (code, told["reason"]) == (422, "Invalid")
    assert told["message"] == "the server rejected our request due to an error in our request"
    assert cluster.ask(path)[1]["data"] == {"a": "1", "b": "2"}


def test_a_strategic_patch_knows_containers_by_their_name(cluster: Cluster, name: str) -> None:
    one = deployment(name)
    one["spec"]["template"]["spec"]["containers"].append({"name": "proxy", "image": "registry.example.com/p:1"})
    made(cluster, DEPLOYMENTS, one)

    def containers(*items: Json) -> Json:
        return {"spec": {"template": {"spec": {"containers": list(items)}}}}

    path = f"{DEPLOYMENTS}/{name}"
    limits = {"name": "app", "resources": {"limits": {"memory": "1Gi"}}, "env": [{"name": "A", "value": "1"}]}
    _, body = patch(cluster, path, containers(limits), STRATEGIC)
    found = {c["name"]: c for c in body["spec"]["template"]["spec"]["containers"]}
    assert found["app"]["image"] == "registry.example.com/x:1"
    assert found["app"]["resources"]["limits"] == {"memory": "1Gi"}
    assert body["metadata"]["generation"] == 2
    gone = {"name": "proxy", "$patch": "delete"}
    more = {"name": "app", "env": [{"name": "B", "value": "2"}]}
    _, body = patch(cluster, path, containers(gone, more), STRATEGIC)
    [app] = body["spec"]["template"]["spec"]["containers"]
    assert {one["name"]: one["value"] for one in app["env"]} == {"A": "1", "B": "2"}
    assert body["metadata"]["generation"] == 3


@pytest.mark.parametrize(("how", "message"), [("application/json", "415: Unsupported Media Type")])
def test_a_patch_of_no_known_kind_is_refused(cluster: Cluster, name: str, how: str, message: str) -> None:
    made(cluster, CONFIG_MAPS, config_map(name))
    code, body = patch(cluster, f"{CONFIG_MAPS}/{name}", {"data": {}}, how)
    assert (code, body["reason"], body["message"]) == (415, "UnsupportedMediaType", message)


def test_the_status_is_changed_through_its_own_door_only(cluster: Cluster, name: str) -> None:
    made(cluster, DEPLOYMENTS, deployment(name))
    path = f"{DEPLOYMENTS}/{name}"
    _, body = patch(cluster, path, {"status": {"replicas": 5}})
    assert "replicas" not in body["status"]
    _, body = patch(cluster, f"{path}/status", {"status": {"replicas": 3}, "spec": {"replicas": 9}})
    assert (body["status"]["replicas"], body["spec"]["replicas"]) == (3, 2)
    assert body["metadata"]["generation"] == 1


def test_a_selector_and_most_of_a_pod_cannot_be_changed(cluster: Cluster, name: str) -> None:
    made(cluster, DEPLOYMENTS, deployment(name))
    code, body = patch(cluster, f"{DEPLOYMENTS}/{name}", {"spec": {"selector": {"matchLabels": {"b": "c"}}}})
    fields = [cause["field"] for cause in body["details"]["causes"]]
    assert (code, fields) == (422, ["spec.template.metadata.labels", "spec.selector"])
    made(cluster, PODS, pod(name, nodeName="node-of-nobody"))
    code, body = patch(cluster, f"{PODS}/{name}", {"spec": {"nodeName": "another"}})
    assert (code, body["details"]["causes"][0]["field"]) == (422, "spec")
    assert body["message"].startswith(
        f'Pod "{name}" is invalid: spec: Forbidden: pod updates may not change fields other than '
        "`spec.containers[*].image`"
    )
    image = {"spec": {"containers": [{"name": "app", "image": "registry.example.com/x:2"}]}}
    assert patch(cluster, f"{PODS}/{name}", image, STRATEGIC)[0] == 200


def test_how_many_replicas_is_a_resource_of_its_own(cluster: Cluster, name: str) -> None:
    made(cluster, DEPLOYMENTS, deployment(name))
    path = f"{DEPLOYMENTS}/{name}/scale"
    _, scale = cluster.ask(path)
    assert (scale["kind"], scale["apiVersion"], scale["spec"]) == ("Scale", "autoscaling/v1", {"replicas": 2})
    assert scale["status"] == {"replicas": 0, "selector": f"app={name}"}
    code, told = patch(cluster, path, {"spec": {"replicas": 4}})
    assert (code, told["spec"]) == (200, {"replicas": 4})
    code, told = cluster.ask(path, "PUT", scale)
    assert (code, told["reason"]) == (409, "Conflict")
    assert told["details"] == {"name": name, "group": "apps", "kind": "deployments"}
    _, now = cluster.ask(f"{DEPLOYMENTS}/{name}")
    assert (now["spec"]["replicas"], now["metadata"]["generation"]) == (4, 2)
    code, told = patch(cluster, path, {"spec": {"replicas": -1}})
    assert (code, told["message"]) == (
        422,
        f'Scale.autoscaling "{name}" is invalid: spec.replicas: Invalid value: -1: must be greater than or equal to 0',
    )


@pytest.mark.parametrize("replicas", [0, 3])
def test_a_dry_run_of_scaling_scales_nothing(cluster: Cluster, name: str, replicas: int) -> None:
    made(cluster, DEPLOYMENTS, deployment(name))
    _, told = patch(cluster, f"{DEPLOYMENTS}/{name}/scale", {"spec": {"replicas": replicas}}, dryRun="All")
    assert told["spec"].get("replicas", 0) == replicas
    assert cluster.ask(f"{DEPLOYMENTS}/{name}")[1]["spec"]["replicas"] == 2


@pytest.mark.parametrize(
    ("wanted", "what", "since"),
    [("uid", "UID", "deleted and then recreated"), ("resourceVersion", "ResourceVersion", "modified")],
)
def test_only_the_object_that_was_meant_is_deleted(
    cluster: Cluster, name: str, wanted: str, what: str, since: str
) -> None:
    kept = made(cluster, CONFIG_MAPS, config_map(name))["metadata"]
    options = {"apiVersion": "v1", "kind": "DeleteOptions", "preconditions": {wanted: "0"}}
    code, body = cluster.ask(f"{CONFIG_MAPS}/{name}", "DELETE", options)
    assert (code, body["message"]) == (
        409,
        f'Operation cannot be fulfilled on ConfigMap "{name}": the {what} in the precondition (0) does not match the '
        f"{what} in record ({kept[wanted]}). The object might have been {since}",
    )
    right = {**options, "preconditions": {wanted: kept[wanted]}}
    assert cluster.ask(f"{CONFIG_MAPS}/{name}", "DELETE", right)[0] == 200
    assert cluster.ask(f"{CONFIG_MAPS}/{name}")[0] == 404


def test_who_deletes_is_told_what_is_gone(cluster: Cluster, name: str) -> None:
    kept = made(cluster, DEPLOYMENTS, deployment(name))["metadata"]
    code, body = cluster.ask(f"{DEPLOYMENTS}/{name}", "DELETE")
    details = {"name": name, "group": "apps", "kind": "deployments", "uid": kept["uid"]}
    assert (code, body["kind"], body["status"], body["details"]) == (200, "Status", "Success", details)


def test_a_finalizer_holds_an_object_until_it_is_taken_away(cluster: Cluster, name: str) -> None:
    made(cluster, CONFIG_MAPS, config_map(name, metadata={"finalizers": ["example.com/hold"]}))
    path = f"{CONFIG_MAPS}/{name}"
    code, body = cluster.ask(path, "DELETE")
    assert (code, body["kind"], body["metadata"]["deletionGracePeriodSeconds"]) == (200, "ConfigMap", 0)
    assert cluster.ask(path)[1]["metadata"]["deletionTimestamp"]
    assert patch(cluster, path, {"metadata": {"finalizers": None}})[0] == 200
    assert cluster.ask(path)[0] == 404


def test_in_the_foreground_dependents_go_first(cluster: Cluster, name: str) -> None:
    made(cluster, DEPLOYMENTS, deployment(name))
    code, body = cluster.ask(f"{DEPLOYMENTS}/{name}", "DELETE", propagationPolicy="Foreground")
    assert (code, body["metadata"]["finalizers"]) == (200, ["foregroundDeletion"])
    code, body = cluster.ask(f"{DEPLOYMENTS}/{name}", "DELETE", propagationPolicy="Sideways")
    assert (code, body["message"]) == (
        422,
        'DeleteOptions.meta.k8s.io "" is invalid: propagationPolicy: Unsupported value: "Sideways": supported values: '
        '"Foreground", "Background", "Orphan", "nil"',
    )


def test_a_pod_on_a_node_is_given_time_to_stop(cluster: Cluster, name: str) -> None:
    made(cluster, PODS, pod(name, nodeName="node-of-nobody"))
    code, body = cluster.ask(f"{PODS}/{name}", "DELETE", gracePeriodSeconds=20)
    assert (code, body["kind"], body["metadata"]["deletionGracePeriodSeconds"]) == (200, "Pod", 20)
    assert body["metadata"]["deletionTimestamp"] > body["metadata"]["creationTimestamp"]
    assert body["metadata"]["generation"] == 2
    _, again = cluster.ask(f"{PODS}/{name}", "DELETE")
    assert again["metadata"]["deletionTimestamp"] == body["metadata"]["deletionTimestamp"]
    assert cluster.ask(f"{PODS}/{name}", "DELETE", gracePeriodSeconds=0)[0] == 200
    assert cluster.ask(f"{PODS}/{name}")[0] == 404


def test_a_pod_without_a_node_is_gone_at_once(cluster: Cluster, name: str) -> None:
    made(cluster, PODS, pod(name))
    assert cluster.ask(f"{PODS}/{name}", "DELETE")[1]["kind"] == "Pod"
    assert cluster.ask(f"{PODS}/{name}")[0] == 404


def test_many_are_deleted_by_their_labels_and_listed(cluster: Cluster, name: str) -> None:
    for n in range(3):
        made(cluster, CONFIG_MAPS, config_map(f"{name}-{n}", metadata={"labels": {"of": name}}))
    code, body = cluster.ask(CONFIG_MAPS, "DELETE", labelSelector=f"of={name}")
    assert (code, body["kind"]) == (200, "ConfigMapList")
    assert [item["metadata"]["name"] for item in body["items"]] == [f"{name}-{n}" for n in range(3)]
    assert cluster.names(CONFIG_MAPS, labelSelector=f"of={name}") == []


def _guarded(cluster: Cluster, name: str, *, allowed: int) -> None:
    """A running pod under a budget that allows so many disruptions."""
    made(cluster, PODS, pod(name, nodeName="node-of-nobody"))
    running = {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]}
    assert patch(cluster, f"{PODS}/{name}/status", {"status": running})[0] == 200
    spec = {"minAvailable": 1, "selector": {"matchLabels": {"app": name}}}
    budget = {"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": {"name": name}, "spec": spec}
    made(cluster, BUDGETS, budget)
    counts = {"currentHealthy": 1, "desiredHealthy": 1, "expectedPods": 1, "disruptionsAllowed": allowed}
    status = {"status": {**counts, "observedGeneration": 1}}
    assert patch(cluster, f"{BUDGETS}/{name}/status", status)[0] == 200


def _evict(cluster: Cluster, name: str, subject: str = "", **query: Any) -> tuple[int, Json]:
    eviction = {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": subject or name}}
    return cluster.ask(f"{PODS}/{name}/eviction", "POST", eviction, **query)


def test_an_eviction_that_a_budget_forbids_is_too_much(cluster: Cluster, name: str) -> None:
    _guarded(cluster, name, allowed=0)
    code, body = _evict(cluster, name)
    assert (code, body["reason"]) == (429, "TooManyRequests")
    assert body["message"] == "Cannot evict pod as it would violate the pod's disruption budget."
    said = f"The disruption budget {name} needs 1 healthy pods and has 1 currently"
    assert body["details"]["causes"] == [{"reason": "DisruptionBudget", "message": said}]
    assert "deletionTimestamp" not in cluster.ask(f"{PODS}/{name}")[1]["metadata"]


def test_an_eviction_that_is_allowed_deletes_the_pod_and_is_counted(cluster: Cluster, name: str) -> None:
    _guarded(cluster, name, allowed=1)
    code, body = _evict(cluster, name, dryRun="All")
    assert (code, body["status"]) == (201, "Success")
    assert "deletionTimestamp" not in cluster.ask(f"{PODS}/{name}")[1]["metadata"]
    code, body = _evict(cluster, name)
    assert (code, body["kind"], body["status"], body["code"]) == (201, "Status", "Success", 201)
    assert cluster.ask(f"{PODS}/{name}")[1]["metadata"]["deletionTimestamp"]
    status = cluster.ask(f"{BUDGETS}/{name}")[1]["status"]
    assert (status["disruptionsAllowed"], list(status["disruptedPods"])) == (0, [name])


def test_an_eviction_must_name_the_pod_it_is_for(cluster: Cluster, name: str) -> None:
    made(cluster, PODS, pod(name))
    code, body = _evict(cluster, name, subject="other")
    assert (code, body["message"]) == (400, "name in URL does not match name in Eviction object")
    code, body = _evict(cluster, "nobody")
    assert (code, body["message"]) == (404, 'pods "nobody" not found')


@pytest.mark.parametrize(
    ("verb", "path", "told"),
    [
        ("POST", PODS, 'pods is forbidden: User "anna" cannot create resource "pods"'),
        ("DELETE", f"{PODS}/web-a", 'pods "web-a" is forbidden: User "anna" cannot delete resource "pods"'),
        ("DELETE", PODS, 'pods is forbidden: User "anna" cannot deletecollection resource "pods"'),
        ("PATCH", f"{PODS}/web-a", 'pods "web-a" is forbidden: User "anna" cannot patch resource "pods"'),
        (
            "POST",
            f"{PODS}/web-a/eviction",
            'pods "web-a" is forbidden: User "anna" cannot create resource "pods/eviction"',
        ),
        (
            "PATCH",
            f"{DEPLOYMENTS}/web/scale",
            'deployments.apps "web" is forbidden: User "anna" cannot patch resource "deployments/scale"',
        ),
    ],
)
def test_who_may_not_write_is_told_which_right_is_missing(cluster: Cluster, verb: str, path: str, told: str) -> None:
    how = {"Content-Type": MERGE} if verb == "PATCH" else {}
    code, body = cluster.ask(path, verb, {}, {"Impersonate-User": "anna", **how})
    assert (code, body["reason"]) == (403, "Forbidden")
    group = "apps" if path.startswith("/apis/apps") else ""
    assert body["message"] == f'{told} in API group "{group}" in the namespace "contract"'


@pytest.mark.parametrize(
    ("user", "verb", "sub", "allowed"),
    [
        ("", "create", "eviction", True),
        ("", "delete", "", True),
        ("anna", "create", "eviction", False),
        ("anna", "patch", "", False),
    ],
)
def test_a_right_to_write_can_be_asked_for_before(
    cluster: Cluster, user: str, verb: str, sub: str, allowed: bool
) -> None:
    asked = {"verb": verb, "resource": "pods", "subresource": sub, "namespace": "contract"}
    review = {"kind": "SelfSubjectAccessReview", "spec": {"resourceAttributes": asked}}
    review["apiVersion"] = "authorization.k8s.io/v1"
    path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
    code, body = cluster.ask(path, "POST", review, {"Impersonate-User": user} if user else {})
    assert (code, body["status"]["allowed"]) == (201, allowed)


def test_a_group_without_a_user_cannot_be_spoken_for(cluster: Cluster) -> None:
    code, body = cluster.ask(PODS, headers={"Impersonate-Group": "system:masters"})
    assert code == 400
    assert body["message"].endswith("without impersonating a user name")


def test_a_namespace_that_ends_takes_nothing_new(cluster: Cluster, name: str) -> None:
    space = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}
    kept = made(cluster, "/api/v1/namespaces", space)
    assert (kept["spec"], kept["status"]) == ({"finalizers": ["kubernetes"]}, {"phase": "Active"})
    assert kept["metadata"]["labels"] == {"kubernetes.io/metadata.name": name}
    code, body = cluster.ask(f"/api/v1/namespaces/{name}", "DELETE")
    assert (code, body["status"]["phase"]) == (200, "Terminating")
    code, body = cluster.ask(f"/api/v1/namespaces/{name}/configmaps", "POST", config_map("late"))
    assert (code, body["message"]) == (
        403,
        f'configmaps "late" is forbidden: unable to create new content in namespace {name} because it is being '
        "terminated",
    )
    assert body["details"]["causes"][0]["reason"] == "NamespaceTerminating"


def test_a_secret_is_written_in_plain_and_read_in_base64(cluster: Cluster, name: str) -> None:
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}, "stringData": {"a": "b"}}
    kept = made(cluster, f"{SPACE}/secrets", secret)
    assert (kept["type"], kept["data"]) == ("Opaque", {"a": "Yg=="})
    assert "stringData" not in kept


def test_what_is_immutable_stays_as_it_is(cluster: Cluster, name: str) -> None:
    made(cluster, CONFIG_MAPS, config_map(name, immutable=True))
    code, body = patch(cluster, f"{CONFIG_MAPS}/{name}", {"data": {"a": "2"}})
    assert (code, body["message"]) == (
        422,
        f'ConfigMap "{name}" is invalid: data: Forbidden: field is immutable when `immutable` is set',
    )
