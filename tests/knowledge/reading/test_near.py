"""What somebody probably meant."""

from knowledge.reading.near import near_names, nearest_labels


def test_a_slip_of_the_fingers_is_near() -> None:
    assert near_names("ngnix", ["traefik", "nginx", "haproxy"]) == ("nginx",)


def test_the_nearest_name_comes_first_and_only_as_many_as_asked() -> None:
    assert near_names("web-svc", ["web", "web-service", "websvc", "db"], n=2) == ("websvc", "web-service")


def test_a_name_is_not_near_itself() -> None:
    assert near_names("web", ["web"]) == ()


def test_a_name_that_holds_the_other_whole_is_near() -> None:
    assert near_names("redis", ["redis-primary-headless", "cart"]) == ("redis-primary-headless",)


def test_two_strangers_are_not_near() -> None:
    assert near_names("checkout", ["mysql", "kafka"]) == ()


def test_labels_that_differ_by_a_dash_in_one_value_are_nearest() -> None:
    labels = [{"app": "mysql"}, {"app": "webapi", "tier": "front"}]
    assert nearest_labels({"app": "web-api"}, labels) == {"app": "webapi"}


def test_the_same_value_under_another_key_is_nearest() -> None:
    labels = [{"app.kubernetes.io/name": "cart", "pod-template-hash": "7d9c"}, {"app": "mysql"}]
    assert nearest_labels({"app": "cart"}, labels) == {"app.kubernetes.io/name": "cart"}


def test_labels_with_one_pair_right_and_one_wrong_are_nearest() -> None:
    labels = [{"app": "cart", "version": "v1"}, {"app": "mysql", "version": "v2"}]
    assert nearest_labels({"app": "cart", "version": "v2"}, labels) == labels[0]


def test_labels_that_share_nothing_are_not_near() -> None:
    assert nearest_labels({"app": "cart"}, [{"app": "mysql"}, {}]) is None
