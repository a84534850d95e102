"""Which clusters there are, and the way to each, from files as people leave them."""

import os
from collections.abc import Mapping
from pathlib import Path

import pytest
import yaml

from integrations.errors import IntegrationError, Misconfigured, NotFound, TimedOut, Unreachable
from integrations.fleet import KubeFleet
from integrations.inventory import read_inventory
from integrations.records import ClusterEntry
from knowledge.objects import Pod
from tests.integrations.server import IMPATIENT, Exchange, pod, pod_list, serving


def write(file: Path, contexts: Mapping[str, str], server: str = "http://127.0.0.1:1", current: str = "") -> Path:
    """A kubeconfig with a cluster and a user per context; the user's token is visibly fake."""
    config = {
        "kind": "Config",
        "current-context": current,
        "contexts": [{"name": name, "context": {"cluster": name, "user": name}} for name in contexts],
        "clusters": [{"name": name, "cluster": {"server": server}} for name in contexts],
        "users": [{"name": name, "user": {"token": token}} for name, token in contexts.items()],
    }
    file.write_text(yaml.safe_dump(config))
    return file


def fleet_of(kubeconfig: object = "", inventory: object = "", **more: object) -> KubeFleet:
    settings: dict[str, object] = {"home_kubeconfig": "/nowhere/config", "service_account": "/nowhere"}
    return KubeFleet(str(kubeconfig), str(inventory), patience=IMPATIENT, **{**settings, **more})  # type: ignore[arg-type]


def names(fleet: KubeFleet) -> list[str]:
    return [entry.name for entry in fleet.clusters()]


def complaint(fleet: KubeFleet, cluster: str = "") -> IntegrationError:
    with pytest.raises(IntegrationError) as told:
        fleet.open(cluster).version() if cluster else fleet.clusters()
    assert "fake-token" not in f"{told.value!r}{told.value.says}{told.value.hint}"
    assert told.value.hint is not None
    return told.value


def test_every_context_is_a_cluster(tmp_path: Path) -> None:
    file = write(tmp_path / "config", {"shop": "fake-token-1", "mail": "fake-token-2"})
    assert names(fleet_of(file)) == ["shop", "mail"]


def test_of_several_files_the_first_that_names_a_thing_wins(tmp_path: Path) -> None:
    with serving(lambda asked: asked.give(200, pod_list())) as server:
        one = write(tmp_path / "one", {"shop": "fake-token-first"}, server.url)
        two = write(tmp_path / "two", {"shop": "fake-token-second", "mail": "fake-token-mail"}, server.url)
        fleet = fleet_of(f"{one}:{tmp_path}/absent::{two}")
        assert names(fleet) == ["shop", "mail"]
        fleet.open("shop").list(Pod)
        fleet.open("mail").list(Pod)
    assert [asked.headers["Authorization"] for asked in server.asked] == [
        "Bearer fake-token-first",
        "Bearer fake-token-mail",
    ]


@pytest.mark.parametrize(
    "content",
    ["", "{}", "just words", "- a list", "a: [unclosed\ntoken: fake-token", "\x00", "contexts: 7", "contexts: [x, {}]"],
)
def test_a_file_that_is_no_kubeconfig_is_named(tmp_path: Path, content: str) -> None:
    file = tmp_path / "config"
    file.write_text(content)
    told = complaint(fleet_of(file))
    assert isinstance(told, Misconfigured)
    assert str(file) in told.says.values.values()


def test_a_file_that_is_absent_is_named(tmp_path: Path) -> None:
    told = complaint(fleet_of(tmp_path / "absent"))
    assert isinstance(told, Misconfigured)
    assert str(tmp_path / "absent") in told.says.values.values()


def test_a_folder_in_the_place_of_a_file_is_named(tmp_path: Path) -> None:
    assert isinstance(complaint(fleet_of(tmp_path)), Misconfigured)


BROKEN = """
contexts:
- {name: sound, context: {cluster: here, user: me}}
- {name: no-cluster, context: {cluster: gone, user: me}}
- {name: no-user, context: {cluster: here, user: gone}}
- {name: no-server, context: {cluster: empty, user: me}}
- {name: nothing}
- {name: bad-data, context: {cluster: bad-data, user: me}}
- {name: bad-key, context: {cluster: secure, user: bad-key}}
- {name: no-file, context: {cluster: secure, user: no-file}}
- {name: no-token-file, context: {cluster: here, user: no-token-file}}
- {name: odd-token, context: {cluster: here, user: odd-token}}
- {name: odd-provider, context: {cluster: here, user: odd-provider}}
- {name: odd-proxy, context: {cluster: odd-proxy, user: me}}
clusters:
- {name: here, cluster: {server: "SERVER"}}
- {name: empty, cluster: {}}
- {name: secure, cluster: {server: "https://127.0.0.1:1"}}
- {name: bad-data, cluster: {server: "https://127.0.0.1:1", certificate-authority-data: "%%%"}}
- {name: odd-proxy, cluster: {server: "SERVER", proxy-url: "gopher://x"}}
users:
- {name: me, user: {token: fake-token-of-mine}}
- {name: bad-key, user: {client-certificate-data: "fake-token", client-key-data: "%%%"}}
- {name: no-file, user: {client-certificate: absent.crt, client-key: absent.key}}
- {name: no-token-file, user: {tokenFile: absent}}
- {name: odd-token, user: {token: "fake-token\\nX-Injected: 1"}}
- {name: odd-provider, user: {auth-provider: fake-token}}
"""


def test_a_broken_context_is_listed_and_hides_no_other(tmp_path: Path) -> None:
    file = tmp_path / "config"
    with serving(lambda asked: asked.give(200, {"major": "1", "minor": "34"})) as server:
        file.write_text(BROKEN.replace("SERVER", server.url))
        fleet = fleet_of(file)
        assert fleet.open("sound").version() == (1, 34)
        for name in names(fleet):
            if name not in ("sound", "odd-provider"):
                told = complaint(fleet, name)
                assert isinstance(told, Misconfigured), (name, told)
        assert len(names(fleet)) == 12
        assert all(asked.headers["X-Injected"] is None for asked in server.asked)


def test_a_broken_context_says_which_file_and_what_is_missing(tmp_path: Path) -> None:
    file = tmp_path / "config"
    file.write_text(BROKEN)
    said = complaint(fleet_of(file), "no-cluster").says.values
    assert (said["context"], said["file"], said["what"], said["name"]) == ("no-cluster", str(file), "cluster", "gone")


def test_paths_are_relative_to_the_file_that_holds_them(tmp_path: Path) -> None:
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / "token").write_text("fake-token-in-a-file\n")
    file = tmp_path / "config"
    with serving(lambda asked: asked.give(200, pod_list())) as server:
        write(file, {"shop": "x"}, server.url)
        config = yaml.safe_load(file.read_text())
        config["users"][0]["user"] = {"tokenFile": "keys/token"}
        file.write_text(yaml.safe_dump(config))
        kube = fleet_of(file).open("shop")
        kube.list(Pod)
        (tmp_path / "keys" / "token").write_text("fake-token-rotated")
        kube.list(Pod)
    assert [asked.headers["Authorization"] for asked in server.asked] == [
        "Bearer fake-token-in-a-file",
        "Bearer fake-token-rotated",
    ]


def test_a_changed_file_is_read_again_and_an_unchanged_one_keeps_its_client(tmp_path: Path) -> None:
    file = write(tmp_path / "config", {"shop": "fake-token-1"})
    fleet = fleet_of(file)
    first = fleet.open("shop")
    assert fleet.open("shop") is first
    write(file, {"shop": "fake-token-2", "mail": "fake-token-3"})
    os.utime(file, ns=(1, 1))
    assert names(fleet) == ["shop", "mail"]
    assert fleet.open("shop") is not first


def test_no_more_than_some_clients_are_kept(tmp_path: Path) -> None:
    fleet = fleet_of(write(tmp_path / "config", {f"c{n}": "fake-token" for n in range(100)}))
    first = fleet.open("c0")
    for n in range(1, 100):
        fleet.open(f"c{n}")
    assert fleet.open("c0") is not first


def test_an_unknown_cluster_is_not_found_and_near_names_are_offered(tmp_path: Path) -> None:
    fleet = fleet_of(write(tmp_path / "config", {"checkout-prod": "x", "mail": "x"}))
    told = complaint(fleet, "chekout-prod")
    assert isinstance(told, NotFound)
    assert told.hint is not None
    assert told.hint.values["names"] == ("checkout-prod",)
    assert isinstance(complaint(fleet, "zzzz"), NotFound)


def test_without_settings_the_home_file_counts_then_the_cluster_we_run_in(tmp_path: Path) -> None:
    home = write(tmp_path / "home", {"homely": "fake-token"})
    account = tmp_path / "account"
    account.mkdir()
    (account / "token").write_text("fake-token-of-the-account")
    (account / "ca.crt").write_text("")
    assert names(fleet_of(home_kubeconfig=str(home), service_account=str(account))) == ["homely"]
    with serving(lambda asked: asked.give(200, pod_list())) as server:
        fleet = fleet_of(service_account=str(account), own_api_server=server.url)
        assert names(fleet) == ["in-cluster"]
        fleet.open("in-cluster").list(Pod)
    assert server.asked[0].headers["Authorization"] == "Bearer fake-token-of-the-account"


def test_without_anything_the_settings_are_named() -> None:
    told = complaint(fleet_of())
    assert isinstance(told, Misconfigured)
    assert told.hint is not None
    assert "KUBECONFIG or GURUMI_INVENTORY" in told.hint.template


INVENTORY = """
- {name: shop, zone: pg, owner: kim, members: [lee, park], purpose: orders, context: shop-admin, hubble: "relay:4245",
   prometheus: "http://prometheus:9090", cloud: rehearsal, project: shop}
- {name: mail, members: "lee, park", unknown: x}
- {name: 42, kubeconfig: keys/config}
"""


def test_an_inventory_says_who_and_where(tmp_path: Path) -> None:
    file = tmp_path / "inventory.yaml"
    file.write_text(INVENTORY)
    shop, mail, number = read_inventory(str(file))
    assert shop == ClusterEntry(
        name="shop",
        zone="pg",
        owner="kim",
        members=("lee", "park"),
        purpose="orders",
        context="shop-admin",
        hubble="relay:4245",
        prometheus="http://prometheus:9090",
        cloud="rehearsal",
        project="shop",
    )
    assert mail == ClusterEntry(name="mail", members=("lee", "park"))
    assert number == ClusterEntry(name="42", kubeconfig=str(tmp_path / "keys/config"))


def test_an_inventory_may_be_a_folder_or_stand_under_a_key(tmp_path: Path) -> None:
    (tmp_path / "b.yml").write_text("clusters: [{name: second}, {name: first, zone: ay}]")
    (tmp_path / "a.yaml").write_text("[{name: first, zone: pg}]")
    (tmp_path / "notes.txt").write_text("no inventory")
    assert [(entry.name, entry.zone) for entry in read_inventory(str(tmp_path))] == [("first", "pg"), ("second", "")]


@pytest.mark.parametrize(
    "content", ["", "[]", "words", "{clusters: 7}", "{clusters: {}}", "- {zone: pg}", "- x", "a: [", "clusters:"]
)
def test_an_inventory_that_is_none_is_named(tmp_path: Path, content: str) -> None:
    file = tmp_path / "inventory.yaml"
    file.write_text(content)
    told = complaint(fleet_of(inventory=file))
    assert isinstance(told, Misconfigured)
    assert str(file) in told.says.values.values()


def test_an_absent_inventory_is_named(tmp_path: Path) -> None:
    assert isinstance(complaint(fleet_of(inventory=tmp_path / "absent.yaml")), Misconfigured)


def test_the_ways_that_an_entry_may_name(tmp_path: Path) -> None:
    def seen_by(cluster: str) -> str:
        with serving(lambda asked: asked.give(200, pod_list())) as server:
            write(tmp_path / "all", {"shop": "fake-shop", "mail-admin": "fake-mail"}, server.url)
            write(tmp_path / "own", {"a": "fake-a", "b": "fake-b"}, server.url, current="b")
            (tmp_path / "inventory.yaml").write_text(
                "[{name: shop}, {name: mail, context: mail-admin}, {name: own, kubeconfig: own},"
                " {name: a, kubeconfig: own}, {name: odd, kubeconfig: own, context: a}, {name: lost}]"
            )
            fleet_of(tmp_path / "all", tmp_path / "inventory.yaml").open(cluster).list(Pod)
        return str(server.asked[0].headers["Authorization"])

    assert seen_by("shop") == "Bearer fake-shop"
    assert seen_by("mail") == "Bearer fake-mail"
    assert seen_by("own") == "Bearer fake-b"
    assert seen_by("a") == "Bearer fake-a"
    assert seen_by("odd") == "Bearer fake-a"
    with pytest.raises(Misconfigured):
        seen_by("lost")


def test_an_inventory_behind_a_url_is_kept_when_the_url_fails() -> None:
    state = {"works": True}

    def answer(asked: Exchange) -> None:
        asked.give(200, b"[{name: shop}]") if state["works"] else asked.give(500, b"")

    with serving(answer) as server:
        fleet = fleet_of(inventory=f"{server.url}/clusters?key=fake-token", fresh_s=0)
        assert names(fleet) == ["shop"]
        assert fleet.warning is None
        state["works"] = False
        assert names(fleet) == ["shop"]
        assert fleet.warning is not None
        assert "fake-token" not in str(fleet.warning)
        state["works"] = True
        assert names(fleet) == ["shop"]
        assert fleet.warning is None


def test_a_url_is_not_asked_for_every_question() -> None:
    with serving(lambda asked: asked.give(200, b"[{name: shop}]")) as server:
        fleet = fleet_of(inventory=server.url)
        assert names(fleet) == names(fleet) == ["shop"]
    assert len(server.asked) == 1


def test_a_url_that_never_answered_says_so() -> None:
    with serving(lambda asked: asked.give(404, b"")) as server:
        assert isinstance(complaint(fleet_of(inventory=f"{server.url}?key=fake-token")), Unreachable)
    assert isinstance(complaint(fleet_of(inventory=server.url)), Unreachable | TimedOut)


PLUGIN = """#!/bin/sh
printf '%s' "$KUBERNETES_EXEC_INFO" > "$0.asked"
echo run >> "$0.runs"
token=$(cat "$0.token")
status='"status":{"token":"'"$token"'"'"$EXPIRY"'}'
echo '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential",'"$status"'}'
"""


def plugin_fleet(folder: Path, server: str, script: str, **given: object) -> KubeFleet:
    tool = folder / "login-tool"
    tool.write_text(script)
    tool.chmod(0o755)
    (folder / "login-tool.token").write_text("fake-token-1")
    config = yaml.safe_load(write(folder / "config", {"shop": "x"}, server).read_text())
    plugin = {"apiVersion": "client.authentication.k8s.io/v1", "command": "./login-tool", **given}
    config["users"][0]["user"] = {"exec": plugin}
    (folder / "config").write_text(yaml.safe_dump(config))
    return fleet_of(folder / "config")


def test_a_login_plugin_is_run_once_and_again_when_its_token_is_refused(tmp_path: Path) -> None:
    def picky(asked: Exchange) -> None:
        if asked.headers["Authorization"] == f"Bearer {(tmp_path / 'login-tool.token').read_text()}":
            asked.give(200, pod_list(pod("a")))
        else:
            asked.give(401, b"")

    with serving(picky) as server:
        kube = plugin_fleet(tmp_path, server.url, PLUGIN, provideClusterInfo=True).open("shop")
        kube.list(Pod)
        kube.list(Pod)
        assert (tmp_path / "login-tool.runs").read_text() == "run\n"
        assert server.url in (tmp_path / "login-tool.asked").read_text()
        (tmp_path / "login-tool.token").write_text("fake-token-2")
        assert len(kube.list(Pod).items) == 1
        assert (tmp_path / "login-tool.runs").read_text() == "run\nrun\n"


def test_a_login_plugin_is_run_again_when_its_token_has_expired(tmp_path: Path) -> None:
    expiry = {"name": "EXPIRY", "value": ',"expirationTimestamp":"2020-01-01T00:00:00Z"'}
    with serving(lambda asked: asked.give(200, pod_list())) as server:
        kube = plugin_fleet(tmp_path, server.url, PLUGIN, env=[expiry]).open("shop")
        kube.list(Pod)
        kube.list(Pod)
    assert (tmp_path / "login-tool.runs").read_text() == "run\nrun\n"


@pytest.mark.parametrize(
    "script",
    [
        "#!/bin/sh\necho fake-token >&2\nexit 3",
        "#!/bin/sh\necho fake-token",
        "#!/bin/sh\necho '{}'",
        "#!/bin/sh\necho '{\"status\":{}}'",
        "#!/bin/sh\nsleep 30 & sleep 30",
        "no program at all",
        "#!/nowhere/interpreter",
    ],
    ids=["fails", "words", "empty", "no token", "hangs", "no program", "no interpreter"],
)
def test_a_broken_login_plugin_is_named(tmp_path: Path, script: str) -> None:
    with serving(lambda asked: asked.give(200, pod_list())) as server:
        told = complaint(plugin_fleet(tmp_path, server.url, script), "shop")
    assert told.code in ("misconfigured", "unauthenticated")
    assert told.says.values["plugin"] == "login-tool"
    assert server.asked == []
