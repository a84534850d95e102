"""Certificates as clusters hold them: what is read of them, and that rubbish is passed over."""

import base64
from datetime import UTC, datetime
from ipaddress import ip_address

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from knowledge.facts.certificates import certificates

BEGINS, ENDS = datetime(2025, 12, 1, tzinfo=UTC), datetime(2026, 3, 1, 12, 30, tzinfo=UTC)


def made(name: str, *sans: str, ends: datetime = ENDS) -> x509.Certificate:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    issuer = x509.Name(
        [x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Fen"), x509.NameAttribute(NameOID.COMMON_NAME, "fen ca")]
    )
    names: list[x509.GeneralName] = [x509.IPAddress(ip_address(s)) if s[0].isdigit() else x509.DNSName(s) for s in sans]
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(BEGINS)
        .not_valid_after(ends)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    )
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    return builder.sign(key, hashes.SHA256())


def test_names_and_dates_are_read_from_pem() -> None:
    (found,) = certificates(
        made("shop", "shop.example.com", "*.shop.example.com", "10.0.0.7").public_bytes(Encoding.PEM)
    )
    assert (found.subject, found.issuer) == ("CN=shop", "O=Fen, CN=fen ca")
    assert found.sans == ("shop.example.com", "*.shop.example.com", "10.0.0.7")
    assert (found.not_before, found.not_after) == (BEGINS, ENDS)
    assert found.valid_at(ENDS)
    assert not found.valid_at(datetime(2026, 3, 2, tzinfo=UTC))


def test_a_wildcard_covers_one_label_and_no_more() -> None:
    (found,) = certificates(made("shop", "*.shop.example.com").public_bytes(Encoding.PEM))
    assert found.covers("api.shop.example.com")
    assert not found.covers("shop.example.com")
    assert not found.covers("a.api.shop.example.com")


def test_a_chain_is_read_in_its_order() -> None:
    chain = made("leaf").public_bytes(Encoding.PEM) + made("middle").public_bytes(Encoding.PEM)
    assert [c.subject for c in certificates(chain.decode())] == ["CN=leaf", "CN=middle"]


def test_what_a_secret_or_a_ca_bundle_holds_is_read_as_it_stands() -> None:
    pem = made("shop").public_bytes(Encoding.PEM)
    wire = base64.b64encode(pem)
    assert certificates(wire) == certificates(b'"' + wire + b'"') == certificates(pem)
    assert len(certificates(made("shop").public_bytes(Encoding.DER))) == 1


def test_a_date_after_2050_is_written_otherwise_and_read_all_the_same() -> None:
    far = datetime(2056, 1, 1, tzinfo=UTC)
    assert certificates(made("root", ends=far).public_bytes(Encoding.PEM))[0].not_after == far


@pytest.mark.parametrize(
    "rubbish",
    [
        b"",
        "",
        "hello",
        b"\x30",
        b"\x30\x84\xff\xff\xff\xff",
        "-----BEGIN CERTIFICATE-----\n!!\n-----END CERTIFICATE-----",
    ],
)
def test_rubbish_is_no_certificate(rubbish: bytes | str) -> None:
    assert certificates(rubbish) == ()


def test_a_certificate_cut_anywhere_raises_nothing() -> None:
    der = made("shop", "shop.example.com").public_bytes(Encoding.DER)
    assert all(certificates(der[:size]) == () for size in range(len(der)))
