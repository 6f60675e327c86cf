"""Signed notes and the keys that sign them: text anyone can read, signed with Ed25519.

Set in stone: the text form of keys and of signature lines, and the key hash, which is the
first four bytes of SHA-256(name ‖ newline ‖ 0x01 ‖ public key). Source: C2SP signed-note,
c2sp.org/signed-note, whose key texts are those of golang.org/x/mod/sumdb/note.

Reading is strict: each key, note and signature has one spelling, every other is refused.
"""

from __future__ import annotations

import base64
import re
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)

from suyuan.errors import InvalidInput, Problem

__all__ = [
    "NOTE_BYTES_MAX",
    "NOTE_SIGNATURES_MAX",
    "Note",
    "NoteSignature",
    "SigningKey",
    "VerifierKey",
    "decode_base64",
    "encode_base64",
    "generate_key",
    "open_note",
    "parse_signing_key",
    "parse_verifier_key",
    "sign_note",
]

NOTE_BYTES_MAX = 1_000_000
NOTE_SIGNATURES_MAX = 100

_ED25519 = b"\x01"  # The signature type that signed-note assigns to Ed25519.
_KEY_HASH_BYTES = 4
_KEY_BYTES = 32
_PRIVATE = "PRIVATE+KEY+"
_VERIFIER_FORM = "<name>+<key hash>+<base64>"
_SECRET_FORM = _PRIVATE + _VERIFIER_FORM
_DASH = "\N{EM DASH} "
_RULE = "C2SP signed-note"
_CONTROL_BUT_NEWLINE = re.compile("[\x00-\x09\x0b-\x1f]")


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """The public half of a log's key; may be shown to everybody."""

    name: str
    public_key: bytes

    def __post_init__(self) -> None:
        _check_name(self.name)
        if len(self.public_key) != _KEY_BYTES:
            raise InvalidInput(_malformed_key(_VERIFIER_FORM))

    def __str__(self) -> str:
        key = encode_base64(_ED25519 + self.public_key)
        return f"{self.name}+{self.key_hash.hex()}+{key}"

    @property
    def key_hash(self) -> bytes:
        """Give the four bytes that, with the name, say which key signed."""
        text = self.name.encode() + b"\n" + _ED25519 + self.public_key
        return sha256(text).digest()[:_KEY_HASH_BYTES]

    def is_signature_of(self, text: str, signature: bytes) -> bool:
        """Say whether this key signed exactly this text."""
        try:
            Ed25519PublicKey.from_public_bytes(self.public_key).verify(signature, text.encode())
        except InvalidSignature:
            return False
        return True


@dataclass(frozen=True, slots=True)
class SigningKey:
    """The secret half of a log's key: whoever has it can sign in the log's name."""

    name: str
    _seed: bytes = field(repr=False)

    def __post_init__(self) -> None:
        _check_name(self.name)
        if len(self._seed) != _KEY_BYTES:
            raise InvalidInput(_malformed_key(_SECRET_FORM))

    @property
    def verifier_key(self) -> VerifierKey:
        """Give the public half."""
        return VerifierKey(self.name, self._private_key().public_key().public_bytes_raw())

    def secret_text(self) -> str:
        """Give the text form, to be stored where nobody else can read it."""
        key_hash = self.verifier_key.key_hash.hex()
        return f"{_PRIVATE}{self.name}+{key_hash}+{encode_base64(_ED25519 + self._seed)}"

    def sign(self, text: str) -> bytes:
        """Sign a text; the same text gives the same 64 bytes each time (RFC 8032)."""
        return self._private_key().sign(text.encode())

    def _private_key(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self._seed)


@dataclass(frozen=True, slots=True)
class NoteSignature:
    """One signature line of a note."""

    name: str
    key_hash: bytes
    signature: bytes


@dataclass(frozen=True, slots=True)
class Note:
    """An opened note: its text and who signed it, as far as we know the keys."""

    text: str
    verified_by: tuple[VerifierKey, ...]
    unknown_signatures: tuple[NoteSignature, ...]


def generate_key(
    origin: str, *, random_bytes: Callable[[int], bytes] = secrets.token_bytes
) -> SigningKey:
    """Make a new key for a log of that origin; the only place with randomness.

    Raises InvalidInput `tlog.key_name_invalid`.
    """
    return SigningKey(origin, random_bytes(_KEY_BYTES))


def parse_verifier_key(text: str) -> VerifierKey:
    """Read `<name>+<key hash>+<base64>`.

    Raises InvalidInput `tlog.key_malformed`, `tlog.key_is_secret`, `tlog.key_name_invalid`,
    `tlog.key_hash_wrong`.
    """
    if text.startswith(_PRIVATE):
        raise InvalidInput(
            Problem(code="tlog.key_is_secret", where="key", rule=_RULE, expected=_VERIFIER_FORM)
        )
    name, key_hash, key_bytes = _parse_key(text, _VERIFIER_FORM)
    key = VerifierKey(name, key_bytes)
    _check_key_hash(key, key_hash)
    return key


def parse_signing_key(text: str) -> SigningKey:
    """Read `PRIVATE+KEY+<name>+<key hash>+<base64>`; no error ever shows the secret.

    Raises InvalidInput `tlog.key_malformed`, `tlog.key_name_invalid`, `tlog.key_hash_wrong`.
    """
    if not text.startswith(_PRIVATE):
        raise InvalidInput(_malformed_key(_SECRET_FORM))
    name, key_hash, seed = _parse_key(text.removeprefix(_PRIVATE), _SECRET_FORM)
    key = SigningKey(name, seed)
    _check_key_hash(key.verifier_key, key_hash)
    return key


def sign_note(text: str, *keys: SigningKey) -> str:
    """Sign a text with each key and give the whole note.

    Raises InvalidInput `tlog.note_malformed` when the text cannot be that of a note.
    """
    assert keys, "a note needs a signature"
    if not _is_note_text(text):
        raise InvalidInput(_malformed_note("text"))
    lines = [
        f"{_DASH}{key.name} {encode_base64(key.verifier_key.key_hash + key.sign(text))}\n"
        for key in keys
    ]
    return f"{text}\n{''.join(lines)}"


def open_note(note: str, verifiers: Iterable[VerifierKey]) -> Note:
    """Check a note: at least one known key signed it, and no known key's signature is wrong.

    The text means nothing unless this returns. Signatures of unknown keys are kept, unread.
    Raises InvalidInput `tlog.note_malformed`, `tlog.note_too_long`,
    `tlog.signatures_too_many`, `tlog.signature_wrong`,
    `tlog.signature_unknown`.
    """
    known = {(key.name, key.key_hash): key for key in verifiers}
    text, signatures = split_note(note)
    verified: list[VerifierKey] = []
    unknown: list[NoteSignature] = []
    for line, signature in enumerate(signatures, start=1):
        key = known.get((signature.name, signature.key_hash))
        if key is None:
            unknown.append(signature)
        elif key.is_signature_of(text, signature.signature):
            verified.append(key)
        else:
            raise InvalidInput(
                Problem(
                    code="tlog.signature_wrong",
                    where=f"signature[{line}]",
                    rule=_RULE,
                    expected=str(key),
                    found=encode_base64(signature.signature),
                    values={"name": key.name},
                )
            )
    if not verified:
        raise InvalidInput(
            Problem(
                code="tlog.signature_unknown",
                where="note",
                rule=_RULE,
                expected=", ".join(_key_label(*pair) for pair in known) or "–",
                found=", ".join(_key_label(one.name, one.key_hash) for one in signatures),
            )
        )
    return Note(text, tuple(verified), tuple(unknown))


def split_note(note: str) -> tuple[str, list[NoteSignature]]:
    """Take a note apart without checking any signature.

    Raises InvalidInput `tlog.note_malformed`, `tlog.note_too_long`,
    `tlog.signatures_too_many`, `tlog.key_name_invalid`.
    """
    if len(note) > NOTE_BYTES_MAX or len(note.encode(errors="replace")) > NOTE_BYTES_MAX:
        raise InvalidInput(_too_much("tlog.note_too_long", NOTE_BYTES_MAX, len(note)))
    text, gap, block = note.rpartition("\n\n")
    text += "\n"
    if not gap or not _is_note_text(text):
        raise InvalidInput(_malformed_note("text"))
    lines = block.split("\n")
    if len(lines) < 2 or lines.pop() != "":
        raise InvalidInput(_malformed_note("signatures"))
    if len(lines) > NOTE_SIGNATURES_MAX:
        found = len(lines)
        raise InvalidInput(_too_much("tlog.signatures_too_many", NOTE_SIGNATURES_MAX, found))
    return text, [_parse_signature(line, number) for number, line in enumerate(lines, start=1)]


def encode_base64(data: bytes) -> str:
    """Write standard base64 with padding (RFC 4648 section 4)."""
    return base64.b64encode(data).decode("ascii")


def decode_base64(text: str) -> bytes | None:
    """Read standard base64 in its one canonical spelling; None for any other."""
    try:
        data = base64.b64decode(text.encode("ascii"), validate=True)
    except ValueError:
        return None
    # Python overlooks bits after the last byte; they would let one signature be spelled twice.
    return data if encode_base64(data) == text else None


def _parse_key(text: str, form: str) -> tuple[str, str, bytes]:
    parts = text.split("+", 2)  # The name has no plus, base64 may have.
    if len(parts) != 3:
        raise InvalidInput(_malformed_key(form))
    name, key_hash, encoded = parts
    key = decode_base64(encoded)
    if (
        key is None
        or len(key) != 1 + _KEY_BYTES
        or not key.startswith(_ED25519)
        or not re.fullmatch("[0-9a-f]{8}", key_hash)
    ):
        raise InvalidInput(_malformed_key(form))
    return name, key_hash, key[1:]


def _check_key_hash(key: VerifierKey, key_hash: str) -> None:
    if key.key_hash.hex() != key_hash:
        raise InvalidInput(
            Problem(
                code="tlog.key_hash_wrong",
                where="key",
                rule=_RULE,
                expected=key.key_hash.hex(),
                found=key_hash,
            )
        )


def _check_name(name: str) -> None:
    is_good = (
        name
        and "+" not in name
        and not any(
            c.isspace() or c < " " or c == "\x7f" or "\ud800" <= c <= "\udfff" for c in name
        )
    )
    if not is_good:
        raise InvalidInput(
            Problem(
                code="tlog.key_name_invalid",
                where="key name",
                rule=_RULE,
                found=ascii(name[:200]),
            )
        )


def _is_note_text(text: str) -> bool:
    if not text.endswith("\n") or _CONTROL_BUT_NEWLINE.search(text):
        return False
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _parse_signature(line: str, number: int) -> NoteSignature:
    where = f"signature[{number}]"
    if not line.startswith(_DASH):
        raise InvalidInput(_malformed_note(where))
    name, space, encoded = line.removeprefix(_DASH).partition(" ")
    signature = decode_base64(encoded)
    if not space or signature is None or len(signature) <= _KEY_HASH_BYTES:
        raise InvalidInput(_malformed_note(where))
    _check_name(name)
    return NoteSignature(name, signature[:_KEY_HASH_BYTES], signature[_KEY_HASH_BYTES:])


def _key_label(name: str, key_hash: bytes) -> str:
    return f"{name}+{key_hash.hex()}"


def _malformed_key(form: str) -> Problem:
    """Say what a key looks like; what was found may be a secret and is not repeated."""
    return Problem(code="tlog.key_malformed", where="key", rule=_RULE, expected=form)


def _malformed_note(where: str) -> Problem:
    return Problem(code="tlog.note_malformed", where=where, rule=_RULE)


def _too_much(code: str, highest: int, found: int) -> Problem:
    return Problem(code=code, where="note", rule=_RULE, expected=f"≤ {highest}", found=str(found))
