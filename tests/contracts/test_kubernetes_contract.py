"""What the product relies on of a Kubernetes API: asked of the rehearsal room and of a real control plane alike."""

import json
import time
from typing import Any

import pytest
from kubernetes import client

from tests.contracts.clusters import PODS, SPACE, Cluster, Json, config_map

EXPIRES_WITHIN_S = 60


def test_a_list_names_its_kind_once_and_is_sorted_by_name(cluster: Cluster) -> None:
    code, body = cluster.ask(PODS)
    assert (code, body["kind"], body["apiVersion"]) == (200, "PodList", "v1")
    assert [item["metadata"]["name"] for item in body["items"]] == ["job-c", "web-a", "web-b"]
    assert not any("kind" in item for item in body["items"])
    assert body["metadata"]["resourceVersion"].isdecimal()


def test_a_single_object_names_its_kind(cluster: Cluster) -> None:
    code, body = cluster.ask("/apis/apps/v1/namespaces/contract/deployments/web")
    assert (code, body["kind"], body["apiVersion"]) == (200, "Deployment", "apps/v1")
    assert body["status"]["readyReplicas"] == 1


def test_the_official_client_reads_typed_objects(cluster: Cluster) -> None:
    pods = client.CoreV1Api(cluster.api).list_namespaced_pod("contract", label_selector="tier=front").items
    assert [pod.metadata.name for pod in pods] == ["web-a"]
    app = next(c for c in pods[0].status.container_statuses if c.name == "app")
    assert (app.restart_count, app.state.waiting.reason) == (3, "CrashLoopBackOff")
    assert (app.last_state.terminated.exit_code, app.last_state.terminated.reason) == (137, "OOMKilled")


@pytest.mark.parametrize(
    ("path", "message", "details"),
    [
        (f"{PODS}/nope", 'pods "nope" not found', {"name": "nope", "kind": "pods"}),
        (
            "/apis/apps/v1/namespaces/contract/deployments/nope",
            'deployments.apps "nope" not found',
            {"name": "nope", "group": "apps", "kind": "deployments"},
        ),
        ("/api/v1/nodes/nope", 'nodes "nope" not found', {"name": "nope", "kind": "nodes"}),
        (f"{PODS}/nope/log", 'pods "nope" not found', {"name": "nope", "kind": "pods"}),
        ("/api/v1/foos", "the server could not find the requested resource", {}),
    ],
)
def test_what_does_not_exist_is_answered_with_a_status(
    cluster: Cluster, path: str, message: str, details: Json
) -> None:
    told = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "message": message}
    assert cluster.ask(path) == (404, {**told, "reason": "NotFound", "details": details, "code": 404})


@pytest.mark.parametrize("path", ["/apis/cilium.io/v2/ciliumnetworkpolicies", "/apis/cilium.io/v2", "/nothing"])
def test_what_is_not_installed_is_answered_in_plain_text(cluster: Cluster, path: str) -> None:
    assert cluster.ask(path) == (404, "404 page not found\n")


def test_a_namespace_that_does_not_exist_lists_empty(cluster: Cluster) -> None:
    assert cluster.names("/api/v1/namespaces/nowhere/pods") == []


@pytest.mark.parametrize(
    ("selector", "names"),
    [
        ("app=web", ["web-a", "web-b"]),
        ("app==web,tier!=front", ["web-b"]),
        ("app in (job, web),tier", ["web-a", "web-b"]),
        ("tier notin (front)", ["job-c", "web-b"]),
        ("!tier", ["job-c"]),
        ("app=nobody", []),
    ],
)
def test_label_selectors(cluster: Cluster, selector: str, names: list[str]) -> None:
    assert cluster.names(PODS, labelSelector=selector) == names


@pytest.mark.parametrize(
    ("path", "selector", "names"),
    [
        (PODS, "metadata.name=web-a", ["web-a"]),
        (PODS, "spec.nodeName=node-of-nobody", ["web-a"]),
        (PODS, "spec.nodeName=", ["job-c", "web-b"]),
        (PODS, "status.phase!=Running,status.phase!=Failed", ["web-b"]),
        (PODS, "spec.restartPolicy==Never", ["job-c"]),
        (f"{SPACE}/events", "involvedObject.name=web-a,type=Warning", ["web-a.1"]),
        (f"{SPACE}/events", "involvedObject.uid=1234", ["web-a.1"]),
        (f"{SPACE}/events", "reason=Pulled,involvedObject.kind=Pod,source=kubelet", ["web-b.1"]),
        ("/api/v1/pods", "metadata.namespace=contract,status.phase=Failed", ["job-c"]),
    ],
)
def test_field_selectors(cluster: Cluster, path: str, selector: str, names: list[str]) -> None:
    assert cluster.names(path, fieldSelector=selector) == names


@pytest.mark.parametrize(
    ("path", "query", "message"),
    [
        (PODS, {"fieldSelector": "status.reason=Evicted"}, "field label not supported: status.reason"),
        ("/api/v1/nodes", {"fieldSelector": "spec.x=1"}, "field label not supported: spec.x"),
        (
            "/apis/apps/v1/deployments",
            {"fieldSelector": "spec.x=1"},
            '"spec.x" is not a known field selector: only "metadata.name", "metadata.namespace"',
        ),
        ("/apis/batch/v1/jobs", {"fieldSelector": "spec.x=1"}, 'field label "spec.x" not supported for Job'),
        (PODS, {"fieldSelector": "abc"}, "invalid selector: 'abc'; can't understand 'abc'"),
        (PODS, {"labelSelector": "=="}, "found '==', expected: !, identifier, or 'end of string'"),
        (
            PODS,
            {"labelSelector": "a in ("},
            "unable to parse requirement: found '', expected: ',', ')' or identifier",
        ),
        (PODS, {"labelSelector": "a===b"}, "unable to parse requirement: found '=', expected: identifier"),
        (PODS, {"limit": "x"}, 'strconv.ParseInt: parsing "x": invalid syntax'),
        (
            PODS,
            {"resourceVersion": "abc"},
            'invalid resource version: resourceVersion: Invalid value: "abc": strconv.ParseUint: parsing "abc": '
            "invalid syntax",
        ),
        (f"{PODS}/web-a/log", {"container": "app", "tailLines": "x"}, 'strconv.ParseInt: parsing "x": invalid syntax'),
        (
            f"{PODS}/web-a/log",
            {},
            "a container name must be specified for pod web-a, choose one of: [app proxy]",
        ),
        (f"{PODS}/web-a/log", {"container": "nope"}, "container nope is not valid for pod web-a"),
    ],
)
def test_a_bad_request_is_told_what_is_wrong_with_it(cluster: Cluster, path: str, query: Json, message: str) -> None:
    code, body = cluster.ask(path, **query)
    assert (code, body["reason"], body["message"]) == (400, "BadRequest", message)


@pytest.mark.parametrize(("field", "value", "rule"), [("tailLines", -1, "or equal to 0"), ("limitBytes", 0, "0")])
def test_log_options_out_of_range_are_invalid(cluster: Cluster, field: str, value: int, rule: str) -> None:
    code, body = cluster.ask(f"{PODS}/web-a/log", container="app", **{field: value})
    assert (code, body["reason"], body["details"]["kind"]) == (422, "Invalid", "PodLogOptions")
    assert body["message"] == (
        f'PodLogOptions "web-a" is invalid: {field}: Invalid value: {value}: must be greater than {rule}'
    )


def test_the_log_of_a_pod_without_a_node_is_empty(cluster: Cluster) -> None:
    assert cluster.ask(f"{PODS}/web-b/log") == (204, "")


def test_a_list_comes_in_pages(cluster: Cluster) -> None:
    _, first = cluster.ask(PODS, limit=2)
    assert [item["metadata"]["name"] for item in first["items"]] == ["job-c", "web-a"]
    assert first["metadata"]["remainingItemCount"] == 1
    _, second = cluster.ask(PODS, limit=2, **{"continue": first["metadata"]["continue"]})
    assert [item["metadata"]["name"] for item in second["items"]] == ["web-b"]
    assert "continue" not in second["metadata"]
    assert second["metadata"]["resourceVersion"] == first["metadata"]["resourceVersion"]


def test_with_a_selector_nobody_counts_what_remains(cluster: Cluster) -> None:
    _, page = cluster.ask(PODS, limit=1, labelSelector="app=web")
    assert page["metadata"]["continue"]
    assert "remainingItemCount" not in page["metadata"]


def test_a_broken_token_is_a_bad_request(cluster: Cluster) -> None:
    code, message = cluster.message(PODS, **{"continue": "abc"})
    assert code == 400
    assert message.startswith("invalid continue token: continue key is not valid: ")


def test_a_token_too_old_is_answered_with_one_that_continues_anyway(cluster: Cluster) -> None:
    _, first = cluster.ask(PODS, limit=2)
    began, code, body = time.monotonic(), 200, {}
    while code == 200 and time.monotonic() - began < EXPIRES_WITHIN_S:
        cluster.expire()
        code, body = cluster.ask(PODS, limit=2, **{"continue": first["metadata"]["continue"]})
    assert (code, body["reason"]) == (410, "Expired")
    assert body["message"].startswith(
        "The provided continue parameter is too old to display a consistent list result. You can start a new list "
        "without the continue parameter, or use the continue token in this response to retrieve the remainder"
    )
    assert cluster.names(PODS, **{"continue": body["metadata"]["continue"]}) == ["web-b"]


@pytest.mark.parametrize(
    ("query", "message"),
    [
        (
            {"resourceVersionMatch": "Exact"},
            "resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided",
        ),
        (
            {"resourceVersion": "0", "resourceVersionMatch": "Exact"},
            'resourceVersionMatch: Forbidden: resourceVersionMatch "exact" is forbidden for resourceVersion "0"',
        ),
        (
            {"resourceVersion": "1", "resourceVersionMatch": "Foo"},
            'resourceVersionMatch: Unsupported value: "Foo": supported values: "Exact", "NotOlderThan", ""',
        ),
        (
            {"watch": "true", "sendInitialEvents": "true", "timeoutSeconds": "1"},
            "resourceVersionMatch: Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan",
        ),
        (
            {"watch": "true", "resourceVersionMatch": "NotOlderThan", "resourceVersion": "1", "timeoutSeconds": "1"},
            "resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden for watch unless sendInitialEvents is "
            "provided",
        ),
        (
            {"sendInitialEvents": "true"},
            "sendInitialEvents: Forbidden: sendInitialEvents is forbidden for list",
        ),
    ],
)
def test_options_that_do_not_go_together_are_refused(cluster: Cluster, query: Json, message: str) -> None:
    code, body = cluster.ask(PODS, **query)
    assert (code, body["reason"]) == (422, "Invalid")
    assert body["message"] == f'ListOptions.meta.k8s.io "" is invalid: {message}'


def test_a_limit_below_nothing_is_no_limit(cluster: Cluster) -> None:
    assert cluster.names(PODS, limit=-1) == cluster.names(PODS)


def test_a_watch_tells_of_what_is_deleted_at_which_version(cluster: Cluster) -> None:
    cluster.write(config_map("leaves", "1"))
    _, listed = cluster.ask(f"{SPACE}/configmaps")
    since = listed["metadata"]["resourceVersion"]
    assert cluster.ask(f"{SPACE}/configmaps/leaves", "DELETE")[0] == 200
    [event] = _watched(cluster, f"{SPACE}/configmaps", resourceVersion=since, timeoutSeconds=1)
    assert (event["type"], event["object"]["metadata"]["name"]) == ("DELETED", "leaves")
    assert int(event["object"]["metadata"]["resourceVersion"]) > int(since)


def test_a_version_yet_to_come_is_too_large(cluster: Cluster) -> None:
    code, body = cluster.ask(PODS, resourceVersion=99999999)
    assert (code, body["reason"]) == (504, "Timeout")
    assert body["message"].startswith("Timeout: Too large resource version: 99999999, current: ")
    assert body["details"]["causes"][0]["reason"] == "ResourceVersionTooLarge"


def test_a_watch_begins_with_what_is_there(cluster: Cluster) -> None:
    events = _watched(cluster, PODS, labelSelector="app=web", timeoutSeconds=1)
    assert [(e["type"], e["object"]["metadata"]["name"]) for e in events] == [("ADDED", "web-a"), ("ADDED", "web-b")]
    assert {e["object"]["kind"] for e in events} == {"Pod"}


def test_a_streamed_list_ends_with_a_bookmark(cluster: Cluster) -> None:
    wish = {"sendInitialEvents": "true", "allowWatchBookmarks": "true", "resourceVersionMatch": "NotOlderThan"}
    events = _watched(cluster, PODS, labelSelector="app=job", timeoutSeconds=1, **wish)
    assert [e["type"] for e in events[:2]] == ["ADDED", "BOOKMARK"]
    assert events[1]["object"]["metadata"]["annotations"] == {"k8s.io/initial-events-end": "true"}


def test_a_watch_tells_what_changed_since_a_version(cluster: Cluster) -> None:
    _, listed = cluster.ask(f"{SPACE}/configmaps")
    since = listed["metadata"]["resourceVersion"]
    cluster.write(config_map("watched", "1"))
    cluster.write(config_map("watched", "2"))
    events = _watched(cluster, f"{SPACE}/configmaps", resourceVersion=since, timeoutSeconds=1)
    told = [(e["type"], e["object"]["data"]["value"]) for e in events if e["object"]["metadata"]["name"] == "watched"]
    assert told == [("ADDED", "1"), ("MODIFIED", "2")]


def _watched(cluster: Cluster, path: str, **query: Any) -> list[Json]:
    _, body = cluster.ask(path, watch="true", **query)
    lines = [json.dumps(body)] if isinstance(body, dict) else body.splitlines()
    return [json.loads(line) for line in lines]


def test_kubectl_is_given_rows(cluster: Cluster) -> None:
    as_table = {"Accept": "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"}
    _, table = cluster.ask(PODS, headers=as_table)
    shown = [column["name"] for column in table["columnDefinitions"] if column["priority"] == 0]
    assert (table["kind"], shown) == ("Table", ["Name", "Ready", "Status", "Restarts", "Age"])
    cells = {row["cells"][0]: row["cells"] for row in table["rows"]}
    assert cells["web-a"][1:3] == ["1/2", "CrashLoopBackOff"]
    assert cells["web-a"][3].startswith("3")
    assert cells["job-c"][2] == "Failed"
    assert table["rows"][0]["object"]["kind"] == "PartialObjectMetadata"
    _, table = cluster.ask("/apis/apps/v1/namespaces/contract/deployments", headers=as_table)
    assert table["rows"][0]["cells"][:4] == [
        "web",
        "1/2",
        "2" if isinstance(table["rows"][0]["cells"][2], str) else 2,
        1,
    ]


def test_metadata_alone_can_be_asked_for(cluster: Cluster) -> None:
    bare = {"Accept": "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io"}
    _, body = cluster.ask(PODS, headers=bare, labelSelector="app=job")
    assert (body["kind"], body["items"][0]["kind"]) == ("PartialObjectMetadataList", "PartialObjectMetadata")
    assert set(body["items"][0]) == {"kind", "apiVersion", "metadata"}


def test_discovery_names_the_kinds_that_are_served(cluster: Cluster) -> None:
    _, core = cluster.ask("/api/v1")
    pods = next(r for r in core["resources"] if r["name"] == "pods")
    assert (pods["kind"], pods["namespaced"], pods["shortNames"]) == ("Pod", True, ["po"])
    assert {"get", "list", "watch"} <= set(pods["verbs"])
    _, groups = cluster.ask("/apis")
    apps = next(g for g in groups["groups"] if g["name"] == "apps")
    assert apps["preferredVersion"] == {"groupVersion": "apps/v1", "version": "v1"}


def test_the_server_says_its_version_and_that_it_is_ready(cluster: Cluster) -> None:
    _, version = cluster.ask("/version")
    assert version["major"] == "1"
    assert version["minor"].isdecimal()
    assert cluster.ask("/readyz") == (200, "ok")


@pytest.mark.parametrize(
    ("path", "message"),
    [
        (
            PODS,
            'pods is forbidden: User "anna" cannot list resource "pods" in API group "" in the namespace "contract"',
        ),
        (
            "/api/v1/nodes",
            'nodes is forbidden: User "anna" cannot list resource "nodes" in API group "" at the cluster scope',
        ),
        (
            "/apis/apps/v1/namespaces/contract/deployments/web",
            'deployments.apps "web" is forbidden: User "anna" cannot get resource "deployments" in API group "apps" '
            'in the namespace "contract"',
        ),
        (
            f"{PODS}/web-a/log",
            'pods "web-a" is forbidden: User "anna" cannot get resource "pods/log" in API group "" '
            'in the namespace "contract"',
        ),
    ],
)
def test_who_has_no_right_is_told_which(cluster: Cluster, path: str, message: str) -> None:
    code, body = cluster.ask(path, headers={"Impersonate-User": "anna"})
    assert (code, body["reason"], body["message"]) == (403, "Forbidden", message)


@pytest.mark.parametrize(("headers", "allowed"), [({}, True), ({"Impersonate-User": "anna"}, False)])
def test_an_access_review_answers_before_anything_is_tried(cluster: Cluster, headers: Json, allowed: bool) -> None:
    spec = {"resourceAttributes": {"verb": "list", "resource": "pods", "namespace": "contract"}}
    review = {"apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectAccessReview", "spec": spec}
    path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
    code, body = cluster.ask(path, "POST", review, headers)
    assert (code, body["status"]["allowed"]) == (201, allowed)


def test_a_self_review_says_who_one_is(cluster: Cluster) -> None:
    review = {"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"}
    path = "/apis/authentication.k8s.io/v1/selfsubjectreviews"
    _, body = cluster.ask(path, "POST", review, {"Impersonate-User": "anna"})
    assert body["status"]["userInfo"]["username"] == "anna"
    assert "system:authenticated" in body["status"]["userInfo"]["groups"]


def test_nobody_gets_in_without_credentials(cluster: Cluster) -> None:
    settings = client.Configuration(host=cluster.server)
    settings.ssl_ca_cert = cluster.api.configuration.ssl_ca_cert
    with pytest.raises(client.ApiException) as refused:
        client.CoreV1Api(client.ApiClient(settings)).list_namespaced_pod("contract")
    told = json.loads(refused.value.body)
    assert (refused.value.status, told["message"], told["reason"]) == (401, "Unauthorized", "Unauthorized")


def test_a_method_that_a_path_does_not_know_is_refused(cluster: Cluster) -> None:
    code, body = cluster.ask(f"{PODS}/web-a", "POST", {})
    assert (code, body["reason"]) == (405, "MethodNotAllowed")
    assert body["message"] == "the server does not allow this method on the requested resource"
