"""TLS of a server's own: an internal certificate authority, and certificates that it renews. 证书

The authority is made once in `tls/` of the data folder and bound by name constraints to names
and addresses of internal networks, so that a phone which trusts it trusts nothing else by it.
The server's certificate bears every name that the machine has; it is made anew before it
expires, and when a name has come. Whoever has `ca.key` can speak as this server: 0600.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import ipaddress
import os
import re
import socket
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from suyuan.errors import InvalidInput, Problem, Unavailable

__all__ = [
    "Address",
    "Authority",
    "Certificate",
    "own_authority",
    "own_names",
    "server_certificate",
]

_CA_DAYS = 3_650
_DAYS = 397  # What browsers take of anybody.
_RENEWED_BEFORE = timedelta(days=30)
_EARLIER = timedelta(hours=1)  # For devices whose clocks are slow.
_INTERNAL_NAMES = ("localhost", "local", "lan", "internal", "home.arpa", "intranet", "corp")
_INTERNAL_NETWORKS = (
    *("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "169.254.0.0/16"),
    *("127.0.0.0/8", "::1/128", "fc00::/7", "fe80::/10"),
)
_NAME = re.compile(r"(?=.{1,253}$)[a-z0-9_]([a-z0-9-]{0,62})(\.[a-z0-9-]{1,63})*")

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass(frozen=True, slots=True)
class Authority:
    """What devices come to trust: its certificate, and when it ends."""

    certificate: bytes
    expires: datetime

    @property
    def der(self) -> bytes:
        """Give the certificate as devices take it."""
        found = x509.load_pem_x509_certificate(self.certificate)
        return found.public_bytes(serialization.Encoding.DER)

    @property
    def fingerprint(self) -> str:
        """Give the SHA-256 that devices show, in pairs of hexadecimal digits."""
        return hashlib.sha256(self.der).digest().hex(":").upper()


@dataclass(frozen=True, slots=True)
class Certificate:
    """Files of a certificate and its key, as a server takes them."""

    chain: Path
    key: Path
    names: tuple[str, ...]
    expires: datetime


def own_authority(data: Path) -> Authority | None:
    """Give the authority of a data folder; None where none was made."""
    try:
        text = (data / "tls" / "ca.crt").read_bytes()
        return Authority(text, x509.load_pem_x509_certificate(text).not_valid_after_utc)
    except (OSError, ValueError):
        return None


def own_names(host: str, wanted: Iterable[str] = ()) -> tuple[str, ...]:
    """Give the names and addresses under which this machine can be reached.

    Raises InvalidInput `tls.name_wrong` for what is neither a name nor an address.
    """
    found = ["localhost", "127.0.0.1", "::1"]
    named = socket.gethostname().lower()
    found += [named, named.partition(".")[0], f"{named.partition('.')[0]}.local"]
    found += [*_addresses(named)]
    found += [] if host in ("", "0.0.0.0", "::") else [host]  # noqa: S104 - none is bound here
    names, problems = [one for one in found if _normal(one)], list[Problem]()
    for one in wanted:
        if _normal(one) is None:
            problems.append(
                Problem(code="tls.name_wrong", where="--tls-name", expected="name", found=one[:100])
            )
        names.append(one)
    if problems:
        raise InvalidInput(problems)
    return tuple(dict.fromkeys(normal for one in names if (normal := _normal(one))))


def server_certificate(
    data: Path, names: Sequence[str], *, now: datetime | None = None
) -> Certificate:
    """Give a certificate for these names that is valid for a while, made now if need be.

    Raises Unavailable `tls.folder_unusable`, InvalidInput `tls.name_outside` for names that
    the authority is not trusted for, since it was made without them.
    """
    now = now or datetime.now(UTC)
    folder = data / "tls"
    chain, key = folder / "server.crt", folder / "server.key"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _alone(folder):
            authority, authority_key = _authority(folder, names, now)
            known = _present(chain, key, authority)
            if known and set(names) <= set(known[0]) and known[1] > now + _RENEWED_BEFORE:
                return Certificate(chain, key, known[0], known[1])
            _check_inside(authority, names)
            made, made_key = _issue(authority, authority_key, names, now)
            _write(key, _pem(made_key))
            _write(chain, _text(made) + _text(authority), mode=0o644)
            return Certificate(chain, key, tuple(names), made.not_valid_after_utc)
    except (OSError, ValueError) as error:
        raise Unavailable(
            Problem(code="tls.folder_unusable", where=str(folder), found=str(error))
        ) from error


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Let no other process write here meanwhile: a key belongs to its certificate."""
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _addresses(name: str) -> list[str]:
    found = []
    with contextlib.suppress(OSError):
        found += [str(one[4][0]) for one in socket.getaddrinfo(name, None)]
    # The address from which the machine would speak to others; nothing is sent.
    for family, other in ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1")):
        with contextlib.suppress(OSError), socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect((other, 9))
            found.append(str(probe.getsockname()[0]))
    return found


def _normal(name: str) -> str | None:
    """Give a name or an address as certificates spell it; None for what is neither."""
    address = _address(name)
    if address is not None:
        return None if address.is_unspecified or address.is_multicast else str(address)
    try:
        spelled = name.strip().lower().encode("idna").decode()
    except UnicodeError:
        return None
    return spelled if _NAME.fullmatch(spelled) else None


def _address(name: str) -> Address | None:
    try:
        return ipaddress.ip_address(name.strip().strip("[]").partition("%")[0])
    except ValueError:
        return None


def _authority(
    folder: Path, names: Sequence[str], now: datetime
) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    """Give the authority of the folder; made now, for these names too, if there is none."""
    page, key_page = folder / "ca.crt", folder / "ca.key"
    if page.exists() and key_page.exists():
        key = serialization.load_pem_private_key(key_page.read_bytes(), None)
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise ValueError(key_page)
        return x509.load_pem_x509_certificate(page.read_bytes()), key
    key = ec.generate_private_key(ec.SECP256R1())
    title = f"Suyuan {socket.gethostname()[:40]} {now:%Y-%m-%d}"
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, title)])
    made = (
        _begun(subject, subject, key, now, _CA_DAYS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(is_authority=True), critical=True)
        .add_extension(x509.NameConstraints(_permitted(names), None), critical=True)
        .sign(key, hashes.SHA256())
    )
    _write(key_page, _pem(key))
    _write(page, _text(made), mode=0o644)
    return made, key


def _permitted(names: Sequence[str]) -> list[x509.GeneralName]:
    """Give what the authority may vouch for: internal networks, and what was asked for."""
    texts = list(_INTERNAL_NAMES)
    networks = [ipaddress.ip_network(one) for one in _INTERNAL_NETWORKS]
    for name in names:
        address = _address(name)
        if address is None:
            texts.append(name)
        else:
            networks.append(ipaddress.ip_network(address))
    return [
        *(x509.DNSName(one) for one in dict.fromkeys(texts)),
        *(x509.IPAddress(one) for one in dict.fromkeys(networks)),
    ]


def _check_inside(authority: x509.Certificate, names: Sequence[str]) -> None:
    """See that devices which trust the authority will believe it these names."""
    bound = authority.extensions.get_extension_for_class(x509.NameConstraints).value
    permitted = bound.permitted_subtrees or []
    networks = [one.value for one in permitted if isinstance(one, x509.IPAddress)]
    suffixes = [one.value for one in permitted if isinstance(one, x509.DNSName)]
    outside = []
    for name in names:
        address = _address(name)
        if address is not None:
            is_inside = any(
                address in one
                for one in networks
                if isinstance(one, ipaddress.IPv4Network | ipaddress.IPv6Network)
                and one.version == address.version
            )
        else:
            is_inside = any(name == one or name.endswith(f".{one}") for one in suffixes)
        if not is_inside:
            outside.append(Problem(code="tls.name_outside", where="--tls-name", found=name))
    if outside:
        raise InvalidInput(outside)


def _present(
    chain: Path, key: Path, authority: x509.Certificate
) -> tuple[tuple[str, ...], datetime] | None:
    """Give names and end of the certificate that is there, if the authority made it."""
    try:
        made = x509.load_pem_x509_certificate(chain.read_bytes())
        kept = serialization.load_pem_private_key(key.read_bytes(), None)
    except (OSError, ValueError):
        return None
    spelled = serialization.PublicFormat.SubjectPublicKeyInfo
    der = serialization.Encoding.DER
    is_pair = kept.public_key().public_bytes(der, spelled) == made.public_key().public_bytes(
        der, spelled
    )
    if made.issuer != authority.subject or not is_pair:
        return None
    said = made.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    names = (
        *said.get_values_for_type(x509.DNSName),
        *(str(one) for one in said.get_values_for_type(x509.IPAddress)),
    )
    return tuple(names), made.not_valid_after_utc


def _issue(
    authority: x509.Certificate,
    authority_key: ec.EllipticCurvePrivateKey,
    names: Sequence[str],
    now: datetime,
) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Suyuan server")])
    spelled: list[x509.GeneralName] = []
    for name in names:
        address = _address(name)
        spelled.append(x509.DNSName(name) if address is None else x509.IPAddress(address))
    days = min(_DAYS, (authority.not_valid_after_utc - now).days)
    issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key())
    purpose = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
    made = (
        _begun(subject, authority.subject, key, now, days)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(is_authority=False), critical=True)
        .add_extension(purpose, critical=False)
        .add_extension(x509.SubjectAlternativeName(spelled), critical=False)
        .add_extension(issuer, critical=False)
        .sign(authority_key, hashes.SHA256())
    )
    return made, key


def _begun(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, now: datetime, days: int
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _EARLIER)
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _usage(*, is_authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not is_authority,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=is_authority,
        crl_sign=is_authority,
        encipher_only=False,
        decipher_only=False,
    )


def _text(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def _write(page: Path, data: bytes, *, mode: int = 0o600) -> None:
    """Write a file whole or not at all, and never readable by others before its mode is set."""
    draft = page.with_suffix(f"{page.suffix}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(page)
