"""A self-signed certificate for a trial in the local network: browsers give cameras and microphones
only to https sites.

No authority has signed it, so each browser warns once; the operator compares the fingerprint.
"""

import ipaddress
import os
import secrets
import socket
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

LASTS = timedelta(days=30)
"""The validity: a trial is short, and browsers refuse certificates valid for over 398 days."""


def own_address(host: str) -> str:
    """Return the address at which others in the network reach a server that listens on `host`."""
    if not ipaddress.ip_address(host).is_unspecified:
        return host
    family, elsewhere = (
        (socket.AF_INET6, "2001:db8::1") if ":" in host else (socket.AF_INET, "192.0.2.1")
    )
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect((elsewhere, 9))  # sends nothing; the system chooses the local address
            found: str = probe.getsockname()[0]
        except OSError:
            found = "::1" if ":" in host else "127.0.0.1"
    return found


def made_for(address: str, file: Path) -> str:
    """Write certificate and key for an IP address unless they exist; return the fingerprint.

    The fingerprint is the SHA-256 that browsers show.
    """
    certificate = _kept(address, file) or _made(address, file)
    return certificate.fingerprint(hashes.SHA256()).hex(":").upper()


def _kept(address: str, file: Path) -> x509.Certificate | None:
    """Return the certificate in the file if it is for this address and valid for another day."""
    if not file.exists():
        return None
    kept = x509.load_pem_x509_certificates(file.read_bytes())[0]
    names = kept.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    lasts = kept.not_valid_after_utc > datetime.now(UTC) + timedelta(days=1)
    is_same = ipaddress.ip_address(address) in names.get_values_for_type(x509.IPAddress)
    return kept if lasts and is_same else None


def _made(address: str, file: Path) -> x509.Certificate:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"Hemicycle trial at {address}")])
    now = datetime.now(UTC)
    own = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(address))])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + LASTS)
        .add_extension(own, critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    _write(
        file,
        certificate.public_bytes(Encoding.PEM)
        + key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
    )
    return certificate


def _write(file: Path, content: bytes) -> None:
    """Write the file atomically, readable only by its owner."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = file.with_name(f"{file.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as opened:
        opened.write(content)
    draft.replace(file)
