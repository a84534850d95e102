"""Settings that were changed after their readers had started."""

from tests.knowledge.detectors.things import Thing, denied, pod, thing, told, unsure, world
from tests.seen import judge

ID = "config-changed-not-reloaded"
READS = {"envFrom": [{"configMapRef": {"name": "settings"}}]}


def settings(when: str) -> Thing:
    made = thing("ConfigMap", "settings", data={"A": "1"})
    made["metadata"]["managedFields"] = [{"manager": "kubectl-edit", "time": when}]
    return made


def test_a_change_after_the_start_is_not_seen_by_the_pod() -> None:
    text = told(judge(world(pod("web", container=READS), settings("1h ago")), ID))[0]
    assert "web still runs with old settings: ConfigMap settings was changed" in text


def test_an_older_change_a_plain_volume_or_a_checksum_is_well() -> None:
    assert told(judge(world(pod("web", container=READS), settings("2d ago")), ID)) == []
    volume = {"volumes": [{"name": "v", "configMap": {"name": "settings"}}], "containers": [{"name": "app"}]}
    assert told(judge(world(pod("web", spec=volume), settings("1h ago")), ID)) == []
    summed = pod("web", container=READS, annotations={"checksum/config": "9a"})
    assert told(judge(world(summed, settings("1h ago")), ID)) == []


def test_settings_that_may_not_be_read_leave_it_open() -> None:
    assert unsure(judge(world(pod("web", container=READS), settings("1h ago"), denied("configmaps")), ID)) == (ID,)
