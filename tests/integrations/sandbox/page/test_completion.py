"""What the composer offers."""

import pytest

from integrations.sandbox.page.completion import Hint, complete
from knowledge.said import Said

HINTS = (
    Hint("diagnose", "<cluster>", Said("Look for known problems in a cluster."), ("shop-dev", "shop-prod")),
    Hint("doctor", "", Said("Check every connection.")),
)


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("/", ["/k8s "]),
        ("/k8s ", ["/k8s diagnose ", "/k8s doctor"]),
        ("/k8s do", ["/k8s doctor"]),
        ("/k8s diagnose shop-p", ["/k8s diagnose shop-prod"]),
        ("/k8s diagnose shop-prod", []),
        ("/other do", []),
        ("hey @gu", ["hey @gurumi "]),
        ("@", ["@gurumi "]),
        ("mail@gu", []),
        ("why", []),
    ],
)
def test_the_next_word_is_offered(typed: str, offered: list[str]) -> None:
    assert [suggestion.text for suggestion in complete(typed, "/k8s", HINTS)] == offered
