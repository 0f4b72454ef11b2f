"""Certificates of our own making, good and bad, and contexts of servers that show them."""

from __future__ import annotations

import datetime as dt
import ssl
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

_DAY = dt.timedelta(days=1)
_SIGNING = x509.KeyUsage(
    digital_signature=False,
    content_commitment=False,
    key_encipherment=False,
    data_encipherment=False,
    key_agreement=False,
    key_cert_sign=True,
    crl_sign=True,
    encipher_only=False,
    decipher_only=False,
)


@dataclass(frozen=True, slots=True)
class Authority:
    """Who signs: a key and the certificate that clients are told to trust."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    @classmethod
    def made(cls, name: str = "Authority of the tests") -> Authority:
        key = ec.generate_private_key(ec.SECP256R1())
        who = _named(name)
        certificate = (
            _valid(_certificate(who, who, key.public_key()), _now() - _DAY, _now() + 3650 * _DAY)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            # Python 3.13 asks an authority's certificate to say what its key may do (RFC 5280)
            .add_extension(_SIGNING, critical=True)
            .add_extension(
                x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False
            )
            .sign(key, hashes.SHA256())
        )
        return cls(key, certificate)

    def trusted(self) -> ssl.SSLContext:
        """A client's context that trusts this authority and no other."""
        return ssl.create_default_context(
            cadata=self.certificate.public_bytes(serialization.Encoding.PEM).decode()
        )

    def server(
        self, folder: Path, name: str, *, begins: int = -1, ends: int = 365
    ) -> ssl.SSLContext:
        """A server's context for `name`; `begins` and `ends` are days from today."""
        key = ec.generate_private_key(ec.SECP256R1())
        issuer = self.certificate.subject
        signed = (
            _valid(
                _certificate(_named(name), issuer, key.public_key()),
                _now() + begins * _DAY,
                _now() + ends * _DAY,
            )
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()),
                critical=False,
            )
            .sign(self.key, hashes.SHA256())
        )
        file = folder / f"{name}{begins}{ends}.pem"
        file.write_bytes(
            signed.public_bytes(serialization.Encoding.PEM)
            + key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        return context


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _certificate(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey
) -> x509.CertificateBuilder:
    return x509.CertificateBuilder(issuer, subject, key, x509.random_serial_number())


def _valid(
    builder: x509.CertificateBuilder, begins: dt.datetime, ends: dt.datetime
) -> x509.CertificateBuilder:
    return builder.not_valid_before(begins).not_valid_after(ends)


def _now() -> dt.datetime:
    # TLS checks dates against the machine's clock, so these are counted from it
    return dt.datetime.now(dt.UTC)  # noqa: TID251
