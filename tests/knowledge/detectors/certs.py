"""Certificates for worlds: made once, of a time around the tests' own present."""

import base64
from datetime import UTC, datetime, timedelta
from functools import cache

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from tests.seen import NOW

_BEGINS = datetime(2020, 1, 1, tzinfo=UTC)


@cache
def pem(lasts: timedelta, *names: str, subject: str = "shop.example.com") -> str:
    """A self-signed certificate that lasts so long from now on, for these names."""
    key = ec.generate_private_key(ec.SECP256R1())
    whose = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, subject)])
    made = (
        x509.CertificateBuilder()
        .subject_name(whose)
        .issuer_name(whose)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(_BEGINS)
        .not_valid_after(NOW + lasts)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(n) for n in names or (subject,)]), critical=False)
    )
    return made.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM).decode()


def encoded(lasts: timedelta, *names: str, subject: str = "shop.example.com") -> str:
    """The same as a Secret or a caBundle holds it."""
    return base64.b64encode(pem(lasts, *names, subject=subject).encode()).decode()
