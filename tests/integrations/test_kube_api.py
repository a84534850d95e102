"""A cluster's API that misbehaves, and what a reader of it is told, and when."""

import gzip
import json
import time
from collections.abc import Callable

import pytest

from integrations.errors import (
    Conflict,
    Denied,
    IntegrationError,
    Malformed,
    Misconfigured,
    NotFound,
    Overloaded,
    TimedOut,
    Unauthenticated,
    Unreachable,
)
from integrations.kube_api import LOG_BYTES, KubeApi
from integrations.kube_config import Way
from knowledge.objects import Event, Namespace, Pod, PodMetrics
from tests.integrations.server import IMPATIENT, Exchange, pod, pod_list, serving

BUDGET_S = IMPATIENT.call_s + 1.0
TOKEN = "fake-token-of-a-test"


def status(code: int, message: str, reason: str = "", **more: object) -> dict[str, object]:
    return {"kind": "Status", "status": "Failure", "message": message, "reason": reason, "code": code, **more}


def complaint(answer: Callable[[Exchange], None], ask: Callable[[KubeApi], object]) -> IntegrationError:
    """The error that a question to such a server ends with, within the budget."""
    began = time.monotonic()
    with serving(answer) as server, pytest.raises(IntegrationError) as told:
        ask(server.client(token=TOKEN))
    assert time.monotonic() - began < BUDGET_S
    assert TOKEN not in f"{told.value!r}{told.value.says}{told.value.hint}"
    return told.value


def list_pods(kube: KubeApi) -> object:
    return kube.list(Pod, "cart")


@pytest.mark.parametrize(
    ("code", "body", "kind"),
    [
        (401, status(401, "Unauthorized", "Unauthorized"), Unauthenticated),
        (403, status(403, "pods is forbidden", "Forbidden"), Denied),
        (404, b"404 page not found\n", Malformed),
        (404, b"<html>not here</html>", Malformed),
        (409, status(409, "moved", "Conflict"), Conflict),
        (400, status(400, "field label not supported: status.reason"), Malformed),
        (429, status(429, "Too many requests"), Overloaded),
        (503, b"", Overloaded),
        (500, status(500, "etcd is gone"), Unreachable),
        (502, b"<html>Bad Gateway</html>", Unreachable),
        (302, b"", Malformed),
        (200, b"<html>Please log in</html>", Malformed),
        (200, b'{"kind":"PodList","items":[{"metad', Malformed),
        (200, b"", Malformed),
        (200, status(200, "hm"), Malformed),
    ],
)
def test_each_refusal_is_an_error_of_ours(code: int, body: object, kind: type[IntegrationError]) -> None:
    assert type(complaint(lambda asked: asked.give(code, body), list_pods)) is kind


def test_a_denial_names_verb_resource_namespace_and_cluster() -> None:
    told = complaint(lambda asked: asked.give(403, status(403, "forbidden")), list_pods)
    assert told.says.values == {"verb": "list", "resource": "pods", "namespace": "cart", "cluster": "shop"}
    told = complaint(lambda asked: asked.give(403), lambda kube: kube.log("cart", "a", "app"))
    assert told.says.values["resource"] == "pods/log"


def test_an_absent_object_and_an_unknown_kind_are_told_apart() -> None:
    missing = complaint(
        lambda asked: asked.give(404, status(404, "gone", "NotFound")), lambda k: k.get(Pod, "cart", "a")
    )
    unknown = complaint(lambda asked: asked.give(404, b"404 page not found"), lambda k: k.get(Pod, "cart", "a"))
    assert isinstance(missing, NotFound)
    assert missing.says.values["name"] == "cart/a"
    assert isinstance(unknown, NotFound)
    assert unknown.says.template != missing.says.template


@pytest.mark.parametrize("name", ["", ".", ".."])
def test_a_name_that_a_url_takes_for_another_place_is_never_asked_for(name: str) -> None:
    with serving(lambda asked: asked.give(200, pod_list(pod("a")))) as server, pytest.raises(NotFound):
        server.client().get(Pod, "cart", name)
    assert server.asked == []


def test_a_server_that_hangs_costs_the_read_timeout_once() -> None:
    began = time.monotonic()
    told = complaint(lambda _: time.sleep(2.5), list_pods)
    assert isinstance(told, TimedOut)
    assert time.monotonic() - began < 2 * IMPATIENT.read_s


def test_a_server_that_trickles_is_left_when_the_call_is_used_up() -> None:
    def trickle(asked: Exchange) -> None:
        asked.send_response(200)
        asked.send_header("Content-Length", "1000")
        asked.end_headers()
        for _ in range(20):
            asked.wfile.write(b" ")
            asked.wfile.flush()
            time.sleep(0.1)

    assert isinstance(complaint(trickle, list_pods), TimedOut)


def test_nobody_listening_is_unreachable_and_tried_again_for_a_second_only() -> None:
    with serving(lambda _: None) as server:
        gone = server.client()
    began = time.monotonic()
    with pytest.raises(Unreachable) as told:
        gone.list(Pod)
    assert time.monotonic() - began < BUDGET_S
    assert told.value.says.values["address"] == server.url.removeprefix("http://")


def test_an_unknown_host_is_unreachable() -> None:
    kube = KubeApi("shop", Way("shop", "kubeconfig", {"server": "https://nowhere.invalid:6443"}), patience=IMPATIENT)
    with pytest.raises(Unreachable):
        kube.version()


@pytest.mark.parametrize("server", ["https://", "ftp://host", "https://[::1", "http://host:port"])
def test_an_address_that_is_none_is_a_misconfiguration(server: str) -> None:
    with pytest.raises(Misconfigured):
        KubeApi("shop", Way("shop", "kubeconfig", {"server": server}), patience=IMPATIENT).version()


def test_tls_asked_of_a_server_that_has_none_is_unreachable() -> None:
    with serving(lambda _: None) as server:
        way = Way("shop", "kubeconfig", {"server": server.url.replace("http", "https")})
        with pytest.raises(Unreachable):
            KubeApi("shop", way, patience=IMPATIENT).version()


def test_a_connection_that_is_dropped_once_is_made_again() -> None:
    def once(asked: Exchange) -> None:
        if len(asked.server.asked) == 1:
            asked.hang_up()
        else:
            asked.give(200, pod_list(pod("a")))

    with serving(once) as server:
        assert len(server.client().list(Pod).items) == 1


def test_a_connection_that_is_always_dropped_is_tried_three_times() -> None:
    with serving(Exchange.hang_up) as server, pytest.raises(Unreachable):
        server.client().list(Pod)
    assert len(server.asked) == 3


def test_retry_after_is_waited_for_when_it_is_short() -> None:
    def busy(asked: Exchange) -> None:
        if len(asked.server.asked) == 1:
            asked.give(429, status(429, "later"), retry_after="1")
        else:
            asked.give(200, pod_list(pod("a")))

    began = time.monotonic()
    with serving(busy) as server:
        assert len(server.client().list(Pod).items) == 1
    assert time.monotonic() - began >= 1.0


def test_retry_after_is_told_when_it_is_long() -> None:
    with serving(lambda asked: asked.give(503, b"", retry_after="60")) as server, pytest.raises(Overloaded) as told:
        server.client().list(Pod)
    assert len(server.asked) == 1
    assert told.value.hint is not None
    assert told.value.hint.values["seconds"] == "60"


def test_an_answer_that_is_cut_on_the_way_is_malformed() -> None:
    def cut(asked: Exchange) -> None:
        asked.send_response(200)
        asked.send_header("Content-Length", "100000")
        asked.end_headers()
        asked.wfile.write(json.dumps(pod_list(pod("a"))).encode())
        asked.wfile.flush()
        asked.hang_up()

    assert isinstance(complaint(cut, list_pods), Malformed)


def test_a_compressed_answer_is_read_and_a_broken_one_is_malformed() -> None:
    body = gzip.compress(json.dumps(pod_list(pod("a"))).encode())
    with serving(lambda asked: asked.give(200, body, content_encoding="gzip")) as server:
        assert len(server.client().list(Pod).items) == 1
        assert server.asked[0].headers["Accept-Encoding"] == "gzip"
    broken = complaint(lambda asked: asked.give(200, body[:-20] + b"x" * 20, content_encoding="gzip"), list_pods)
    assert isinstance(broken, Malformed)


def in_pages(asked: Exchange) -> None:
    names = [f"p{n}" for n in range(7)]
    start, size = int(asked.query.get("continue", "0")), int(asked.query["limit"])
    more = str(start + size) if start + size < len(names) else ""
    asked.give(200, pod_list(*map(pod, names[start : start + size]), token=more))


def test_a_list_is_read_page_by_page() -> None:
    with serving(in_pages) as server:
        kube = server.client(page=3)
        listing = kube.list(Pod)
    assert [found.metadata.name for found in listing.items] == [f"p{n}" for n in range(7)]
    assert not listing.cut
    assert kube.usage.requests == 3
    assert kube.usage.bytes == listing.bytes_read


def test_a_limit_cuts_the_list_and_says_so() -> None:
    with serving(in_pages) as server:
        kube = server.client(page=3)
        assert (len(kube.list(Pod, limit=4).items), kube.list(Pod, limit=4).cut) == (4, True)
        assert (len(kube.list(Pod, limit=7).items), kube.list(Pod, limit=7).cut) == (7, False)
    with serving(lambda asked: asked.give(200, pod_list(*map(pod, "abc")))) as server:
        assert server.client().list(Pod, limit=2).cut


def test_an_expired_token_is_replaced_by_the_one_that_comes_with_the_410() -> None:
    def expiring(asked: Exchange) -> None:
        match asked.query.get("continue"):
            case None:
                asked.give(200, pod_list(pod("a"), token="old"))
            case "old":
                asked.give(410, status(410, "too old", "Expired", metadata={"continue": "new"}))
            case _:
                asked.give(200, pod_list(pod("b")))

    with serving(expiring) as server:
        assert [found.metadata.name for found in server.client().list(Pod).items] == ["a", "b"]


def test_an_expired_token_without_another_begins_the_list_again_whole() -> None:
    def expiring(asked: Exchange) -> None:
        if asked.query.get("continue"):
            asked.give(410, status(410, "too old", "Expired"))
        elif asked.query.get("limit"):
            asked.give(200, pod_list(pod("a"), token="old"))
        else:
            asked.give(200, pod_list(pod("a"), pod("b")))

    with serving(expiring) as server:
        assert [found.metadata.name for found in server.client().list(Pod).items] == ["a", "b"]


def test_a_list_that_expires_for_ever_is_a_conflict() -> None:
    assert isinstance(complaint(lambda asked: asked.give(410, status(410, "too old")), list_pods), Conflict)


def test_a_server_that_gives_the_same_page_for_ever_is_malformed() -> None:
    told = complaint(lambda asked: asked.give(200, pod_list(pod("a"), token="again")), list_pods)
    assert isinstance(told, Malformed)


def test_what_a_simple_server_does_not_select_is_selected_here() -> None:
    pods = [pod("a", app="cart"), pod("b", app="web"), pod("c", "other", app="cart"), pod("d")]
    with serving(lambda asked: asked.give(200, pod_list(*pods))) as server:
        kube = server.client()

        def names(namespace: str | None = None, labels: str = "", fields: str = "") -> str:
            return "".join(p.metadata.name for p in kube.list(Pod, namespace, labels=labels, fields=fields).items)

        assert names() == "abcd"
        assert names("cart") == "abd"
        assert names(labels="app=cart") == "ac"
        assert names("cart", labels="app==cart") == "a"
        assert names(labels="app!=cart") == "bd"
        assert names(labels="app in (cart, web),app notin (web)") == "ac"
        assert names(labels="app") == "abc"
        assert names(labels="!app") == "d"
        assert names(fields="metadata.name=b") == "b"
        assert names(fields="metadata.name!=b,metadata.namespace=cart") == "ad"
        assert names(fields="spec.nodeName=node-2") == ""
        assert names(fields="some.unknownField=x") == "abcd"


def test_events_are_selected_by_the_object_they_are_about() -> None:
    events = [
        {"metadata": {"name": n, "namespace": "cart"}, "involvedObject": {"kind": "Pod", "name": n, "uid": f"uid-{n}"}}
        for n in "ab"
    ]
    with serving(lambda asked: asked.give(200, {"kind": "EventList", "items": events})) as server:
        kube = server.client()
        assert [e.metadata.name for e in kube.list(Event, fields="involvedObject.uid=uid-b").items] == ["b"]
        assert [e.metadata.name for e in kube.list(Event, fields="involvedObject.name=a").items] == ["a"]
    assert server.asked[0].query["fieldSelector"] == "involvedObject.uid=uid-b"


def test_a_namespace_does_not_narrow_what_has_none() -> None:
    body = {"kind": "NamespaceList", "items": [{"metadata": {"name": "cart"}}]}
    with serving(lambda asked: asked.give(200, body)) as server:
        assert len(server.client().list(Namespace, "cart").items) == 1
    assert server.asked[0].path.startswith("/api/v1/namespaces?")


@pytest.mark.parametrize(
    ("major", "minor", "git", "expected"),
    [("1", "30+", "", (1, 30)), ("1", "37", "v1.37.2", (1, 37)), ("", "", "v1.29.4-eks-1", (1, 29))],
)
def test_versions_are_read_with_their_suffixes(major: str, minor: str, git: str, expected: tuple[int, int]) -> None:
    body = {"major": major, "minor": minor, "gitVersion": git}
    with serving(lambda asked: asked.give(200, body)) as server:
        assert server.client().version() == expected


@pytest.mark.parametrize("body", [b"{}", b"[]", b"ok", b'{"major":null,"minor":{}}'])
def test_a_version_that_is_none_is_malformed(body: bytes) -> None:
    assert isinstance(complaint(lambda asked: asked.give(200, body), KubeApi.version), Malformed)


READY = b"[+]ping ok\n[+]etcd ok\nreadyz check passed\n"
NOT_READY = b"[+]ping ok\n[-]etcd failed: reason withheld\n[+]log ok\n[-]informer-sync failed: reason withheld\n"


@pytest.mark.parametrize(("code", "body", "failing"), [(200, READY, ()), (500, NOT_READY, ("etcd", "informer-sync"))])
def test_the_checks_that_the_server_fails_are_named(code: int, body: bytes, failing: tuple[str, ...]) -> None:
    with serving(lambda asked: asked.give(code, body)) as server:
        assert server.client().failing() == failing


def test_a_server_that_does_not_tell_its_checks_is_refused_as_ever() -> None:
    assert isinstance(complaint(lambda asked: asked.give(403, status(403, "no")), KubeApi.failing), Denied)


def test_may_says_what_the_server_says_and_nothing_more() -> None:
    for said, expected in (({"allowed": True}, True), ({"allowed": False}, False), ({"denied": True}, False)):
        with serving(lambda asked, said=said: asked.give(201, {"status": said})) as server:  # type: ignore[misc]
            assert server.client().may("list", Pod, "cart") is expected
    assert isinstance(complaint(lambda asked: asked.give(201, b"{}"), lambda k: k.may("list", Pod)), Malformed)


def test_a_log_is_the_last_lines_and_says_when_there_were_more() -> None:
    with serving(lambda asked: asked.give(200, b"one\ntwo\r\nthree\n")) as server:
        assert server.client().log("cart", "a", "app", tail=5).lines == ("one", "two", "three")
        short = server.client().log("cart", "a", "app", tail=2, previous=True)
    assert (short.lines, short.cut) == (("two", "three"), True)
    assert server.asked[1].query["tailLines"] == "3"
    assert server.asked[1].query["previous"] == "true"


def test_a_log_of_bytes_that_are_no_text_is_read_all_the_same() -> None:
    with serving(lambda asked: asked.give(200, b"\xff\xfe\x00ok\n")) as server:
        assert server.client().log("cart", "a", "app").lines == ("\ufffd\ufffd\x00ok",)
    with serving(lambda asked: asked.give(200, b"")) as server:
        assert server.client().log("cart", "a", "app").lines == ()


def test_the_newest_lines_survive_when_the_kubelet_cuts_the_end_off() -> None:
    written = [f"{n} ".ljust(4096, ".") for n in range(200)]

    def kubelet(asked: Exchange) -> None:
        tail = "\n".join(written[-int(asked.query["tailLines"]) :]) + "\n"
        asked.give(200, tail.encode()[: int(asked.query["limitBytes"])])

    with serving(kubelet) as server:
        log = server.client().log("cart", "a", "app", tail=150)
    assert log.lines[-1] == written[-1]
    assert log.cut


def test_of_an_endless_log_no_more_than_the_limit_is_read() -> None:
    def endless(asked: Exchange) -> None:
        asked.send_response(200)
        asked.send_header("Connection", "close")
        asked.end_headers()
        while True:
            asked.wfile.write(b"x" * 65536)

    with serving(endless) as server:
        kube = server.client()
        log = kube.log("cart", "a", "app", tail=1)
    assert log.cut
    assert len(log.lines[0]) == LOG_BYTES
    assert kube.usage.bytes == LOG_BYTES


@pytest.mark.parametrize(
    "words",
    [
        'previous terminated container "app" in pod "a" not found',
        'container "app" in pod "a" is waiting to start: ContainerCreating',
        "container app is not valid for pod a",
        'no logs found for container "app" in pod "cart/a"',
        "a container name must be specified for pod a",
    ],
)
def test_the_kubelets_reasons_for_no_log_are_told_in_plain_words(words: str) -> None:
    told = complaint(lambda asked: asked.give(400, status(400, words)), lambda kube: kube.log("cart", "a", "app"))
    assert isinstance(told, NotFound)
    assert told.says.values["container"] == "app"


def test_a_log_that_the_runtime_lost_is_not_taken_for_a_line() -> None:
    body = b"unable to retrieve container logs for containerd://3ef7"
    told = complaint(lambda asked: asked.give(200, body), lambda kube: kube.log("cart", "a", "app"))
    assert isinstance(told, NotFound)


def test_two_clients_share_nothing() -> None:
    with serving(lambda asked: asked.give(200, pod_list())) as one, serving(Exchange.hang_up) as two:
        first, second = one.client(token="fake-one"), two.client(token="fake-two")
        first.list(Pod)
        with pytest.raises(Unreachable):
            second.list(Pod)
        first.list(Pod)
    assert {asked.headers["Authorization"] for asked in one.asked} == {"Bearer fake-one"}
    assert {asked.headers["Authorization"] for asked in two.asked} == {"Bearer fake-two"}
    assert (first.usage.requests, second.usage.requests) == (2, 0)


def test_impersonation_of_a_kubeconfig_is_kept() -> None:
    with serving(lambda asked: asked.give(200, pod_list())) as server:
        server.client(**{"as": "anna", "as-groups": ["dev", "ops"]}).list(Pod)
    assert server.asked[0].headers["Impersonate-User"] == "anna"
    assert server.asked[0].headers.get_all("Impersonate-Group") == ["dev", "ops"]


def test_a_proxy_of_the_kubeconfig_is_used_and_a_dead_one_is_told() -> None:
    with serving(lambda asked: asked.give(200, {"major": "1", "minor": "34"})) as proxy:
        way = Way("shop", "kubeconfig", {"server": "http://nowhere.invalid", "proxy-url": proxy.url})
        assert KubeApi("shop", way, patience=IMPATIENT).version() == (1, 34)
    assert proxy.asked[0].path == "http://nowhere.invalid/version"
    with pytest.raises(Unreachable) as told:
        KubeApi("shop", way, patience=IMPATIENT).version()
    assert told.value.hint is not None
    assert "proxy-url" in told.value.hint.template


def test_an_add_on_that_is_down_is_asked_once() -> None:
    def down(asked: Exchange) -> None:
        if asked.path.startswith("/apis/metrics.k8s.io/"):
            asked.give(503, b"service unavailable")
        else:
            asked.give(200, pod("web"))

    with serving(down) as server:
        kube = server.client()
        with pytest.raises(Overloaded):
            kube.get(PodMetrics, "cart", "web")
        assert kube.get(Pod, "cart", "web").metadata.name == "web"
        assert len(server.asked) == 2
