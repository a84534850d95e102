"""A certificate that an Ingress serves and that ends."""

import base64
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from knowledge.catalogue import detectors
from knowledge.diagnosis import examine
from knowledge.finding import Severity
from tests.knowledge.detectors.things import denied, ingress, thing, told, unsure, world
from tests.seen import judge, seen

ID = "tls-cert-expiring"
DOOR = ingress("shop", [("shop.example.com", "/", "web", 80)], spec={"tls": [{"secretName": "shop-tls"}]})


@pytest.fixture(scope="module")
def pem(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A self-signed certificate that openssl lets run for one day from the day of the test."""
    folder: Path = tmp_path_factory.mktemp("tls")
    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=shop.example.com"]
    subprocess.run([*made, "-keyout", folder / "k", "-out", folder / "c"], check=True, capture_output=True)
    return base64.b64encode((folder / "c").read_bytes()).decode()


def secret(pem: str) -> dict[str, object]:
    return thing("Secret", "shop-tls", type="kubernetes.io/tls", data={"tls.crt": pem})


def test_a_certificate_that_lasts_is_clean_and_an_unread_one_is_not_told(pem: str) -> None:
    assert told(judge(world(DOOR, secret(pem)), ID)) == []
    assert unsure(judge(world(DOOR, secret(pem), denied("secrets")), ID)) == (ID,)


def test_a_certificate_near_its_end_is_an_error_and_an_ended_one_critical(pem: str) -> None:
    for days, gravity in ((0, Severity.ERROR), (3, Severity.CRITICAL)):
        later = seen(world(DOOR, secret(pem)), now=datetime.now(UTC) + timedelta(days=days))
        assert examine([detectors()[ID]], later).causes[0].finding.gravity is gravity


def test_a_secret_that_no_ingress_names_stays_silent(pem: str) -> None:
    later = seen(world(secret(pem)), now=datetime.now(UTC) + timedelta(days=3))
    assert examine([detectors()[ID]], later).causes == ()
