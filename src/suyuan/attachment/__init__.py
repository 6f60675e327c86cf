"""Attachments: pictures that events point to, kept by the digest of their content. 附件

An event carries the SHA-256 of a picture, so what it shows can never be another one: neither
can a picture be changed, only looked at. Each tenant has its own files, under `attachments/` in
the data folder. Somebody who controls that folder can take pictures away and see them all, but
can't pass off another as the one that was taken.

Durable: when `keep` returns, the picture is on the disk. Safe with several processes at once:
a file gets its name only when it is whole, and one name always has the same content.
"""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path

from suyuan.errors import InvalidInput, NotFound, Problem, Unavailable

__all__ = ["MEDIA_TYPES", "Attachment", "Attachments", "media_type_of"]

MEDIA_TYPES: tuple[str, ...] = ("image/jpeg", "image/png", "image/webp")
"""What is kept: what every browser shows, and nothing that runs."""

_SHA256 = re.compile(r"[0-9a-f]{64}")
_FOLDER = "attachments"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """One picture that is kept."""

    sha256: str
    media_type: str
    bytes: int
    path: Path


def media_type_of(data: bytes) -> str | None:
    """Tell from its first bytes what a picture is; what anybody says of it counts for nothing."""
    if data.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    return None


class Attachments:
    """The pictures of all tenants, in one data folder."""

    def __init__(self, data: Path) -> None:
        self._folder = data / _FOLDER

    def keep(self, tenant_id: int, sha256: str, data: bytes) -> tuple[Attachment, bool]:
        """Keep a picture under its digest, and tell whether it is new.

        Raises InvalidInput `attachment.kind_unknown`, `attachment.digest_wrong`; Unavailable
        `attachment.not_kept`.
        """
        problems = []
        media_type = media_type_of(data)
        if media_type is None:
            found = data[:8].hex(" ")
            expected = ", ".join(MEDIA_TYPES)
            problems.append(Problem(code="attachment.kind_unknown", expected=expected, found=found))
        digest = hashlib.sha256(data).hexdigest()
        if digest != sha256:
            problems.append(
                Problem(code="attachment.digest_wrong", expected=digest, found=sha256[:100])
            )
        if problems or media_type is None:
            raise InvalidInput(problems)
        path = self._path(tenant_id, digest)
        kept = Attachment(sha256=digest, media_type=media_type, bytes=len(data), path=path)
        if path.is_file():
            return kept, False
        try:
            _write(path, data)
        except OSError as error:
            raise Unavailable(Problem(code="attachment.not_kept", found=str(error))) from error
        return kept, True

    def find(self, tenant_id: int, sha256: str) -> Attachment:
        """Give a picture of a tenant. Raises NotFound `attachment.unknown`."""
        if _SHA256.fullmatch(sha256):
            path = self._path(tenant_id, sha256)
            try:
                with path.open("rb") as file:
                    media_type = media_type_of(file.read(16))
                    size = os.fstat(file.fileno()).st_size
            except OSError:
                media_type = None
            if media_type:
                return Attachment(sha256=sha256, media_type=media_type, bytes=size, path=path)
        raise NotFound(Problem(code="attachment.unknown", found=sha256[:100]))

    def _path(self, tenant_id: int, sha256: str) -> Path:
        return self._folder / str(int(tenant_id)) / sha256[:2] / sha256


def _write(path: Path, data: bytes) -> None:
    """Write a file that is either whole or not there, also when the power fails."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, draft = tempfile.mkstemp(dir=path.parent, prefix=".")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(draft).replace(path)
    except BaseException:
        Path(draft).unlink(missing_ok=True)
        raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
