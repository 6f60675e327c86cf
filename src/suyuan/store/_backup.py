"""Backup and restore: the whole database and the keys of the logs in one file. 备份与恢复

A backup is a tar file: `suyuan-backup.json` says what it is, `database.dump` is made by
pg_dump in one consistent snapshot, `keys/` holds the private keys of the transparency logs,
without which a restored log could not go on, and `attachments/` the pictures that events point
to. So whoever has the file can sign in the name of the logs: it is written for its owner's eyes
alone, and should be kept like a key.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import tarfile
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

import psycopg

from suyuan.errors import InvalidInput, Problem, Refused, Unavailable
from suyuan.store._database import Database
from suyuan.store._migrate import make_roles, newest_revision
from suyuan.store._server import EmbeddedServer, client_binary

__all__ = [
    "BackupRecord",
    "backup_folder",
    "backup_under_way",
    "list_backups",
    "restore_backup",
    "write_backup",
]

_FORMAT = "suyuan-backup/1"
_MANIFEST = "suyuan-backup.json"
_DUMP = "database.dump"
_ATTACHMENTS = "attachments"
_LIST = "backups.jsonl"
_WORK_PREFIX = ".suyuan-backup-"
_LISTED_MAX = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupRecord:
    """A backup that was made of a data folder, wherever its file was written."""

    file: Path
    made: datetime
    bytes: int
    seconds: float
    by: str

    @property
    def is_there(self) -> bool:
        """Tell whether the file is still where it was written, as large as it was."""
        try:
            return self.file.stat().st_size == self.bytes
        except OSError:
            return False


def backup_folder(data: Path) -> Path:
    """Give the folder where backups go unless somebody says otherwise; made for us alone."""
    folder = data / "backups"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise Unavailable(Problem(code="store.backup_failed", found=str(error))) from error
    return folder


def list_backups(data: Path) -> list[BackupRecord]:
    """Give the backups that were made of this data folder, the newest first."""
    try:
        lines = (data / _LIST).read_text(encoding="utf-8").splitlines()[-_LISTED_MAX:]
    except OSError:
        return []
    found = []
    for line in lines:
        with contextlib.suppress(ValueError, KeyError, TypeError):  # A line that was cut off.
            said = json.loads(line)
            found.append(
                BackupRecord(
                    file=Path(said["file"]),
                    made=datetime.fromisoformat(said["made"]),
                    bytes=int(said["bytes"]),
                    seconds=float(said["seconds"]),
                    by=str(said["by"]),
                )
            )
    return found[::-1]


def backup_under_way(target: Path, process: int) -> int:
    """Count the bytes that a backup under way in a process has written so far."""
    draft = target.with_name(f".{target.name}.{process}")
    written = 0
    for page in (draft, *target.parent.glob(f"{_WORK_PREFIX}*/{_DUMP}")):
        with contextlib.suppress(OSError):
            written = max(written, page.stat().st_size)
    return written


def _note_backup(data: Path, target: Path, manifest: dict[str, Any], began: float, by: str) -> None:
    said = {
        "file": str(target.resolve()),
        "made": manifest["made"],
        "bytes": target.stat().st_size,
        "seconds": round(time.monotonic() - began, 1),
        "by": by,
    }
    with (data / _LIST).open("a", encoding="utf-8") as page:
        page.write(json.dumps(said, ensure_ascii=False) + "\n")


def write_backup(database: Database, data: Path, target: Path, *, by: str = "") -> dict[str, Any]:
    """Write a backup of everything, while work goes on; give what the manifest says.

    `by` is who wanted it, for the list of backups in the data folder. The file appears
    under its name only when it is complete. Raises Unavailable `store.backup_failed`.
    """
    manifest: dict[str, Any] = {
        "format": _FORMAT,
        "made": datetime.now(UTC).isoformat(),
        "schema": newest_revision(),
        "tenants": database.tenant_names(),
    }
    began = time.monotonic()
    draft = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=_WORK_PREFIX) as folder:
            dump = Path(folder) / _DUMP
            _run_tool(
                "pg_dump",
                *("--format=custom", "--compress=1", "--no-owner", f"--file={dump}"),
                f"--dbname={database.connection_string}",
            )
            handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "wb") as file:
                _pack(file, manifest, dump, data)
                file.flush()
                os.fsync(file.fileno())
        draft.replace(target)
        _note_backup(data, target, manifest, began, by)
    except OSError as error:
        raise Unavailable(Problem(code="store.backup_failed", found=str(error))) from error
    finally:
        draft.unlink(missing_ok=True)
    return manifest


def _pack(file: IO[bytes], manifest: dict[str, Any], dump: Path, data: Path) -> None:
    with tarfile.open(fileobj=file, mode="w") as archive:
        with tempfile.NamedTemporaryFile("w", suffix=".json") as page:
            json.dump(manifest, page, indent=2)
            page.flush()
            archive.add(page.name, _MANIFEST)
        archive.add(dump, _DUMP)
        for key in sorted((data / "keys").glob("*.key")):
            archive.add(key, f"keys/{key.name}")
        # Packed after the dump: whatever an event in it points to is here by now.
        for picture in sorted((data / _ATTACHMENTS).glob("*/*/*")):
            if not picture.name.startswith("."):
                archive.add(picture, picture.relative_to(data).as_posix())


def restore_backup(source: Path, data: Path, database_url: str = "") -> dict[str, Any]:
    """Restore a backup into an empty data folder or an empty database; give its manifest.

    Raises InvalidInput `store.backup_unreadable`, Refused `store.restore_target_occupied`,
    Unavailable `store.backup_failed`.
    """
    with tempfile.TemporaryDirectory(prefix="suyuan-restore-") as folder:
        manifest = _unpack(source, Path(folder))
        server = None if database_url else EmbeddedServer(data)
        try:
            if server is not None:
                server.open()
                _make_database(server)
            target = database_url or (server.connection_string() if server else "")
            _fill(target, Path(folder) / _DUMP)
        finally:
            if server is not None:
                server.close()
        _restore_keys(Path(folder) / "keys", data / "keys")
        pictures = Path(folder) / _ATTACHMENTS
        if pictures.is_dir():
            shutil.copytree(pictures, data / _ATTACHMENTS, dirs_exist_ok=True)
    return manifest


def _unpack(source: Path, folder: Path) -> dict[str, Any]:
    try:
        with tarfile.open(source, "r:") as archive:
            archive.extractall(folder, filter="data")
        manifest = json.loads((folder / _MANIFEST).read_text())
        if manifest["format"] != _FORMAT:
            raise ValueError(manifest["format"])
        if not (folder / _DUMP).is_file():
            raise ValueError(f"no {_DUMP}")
    except (OSError, ValueError, KeyError, TypeError, tarfile.TarError) as error:
        raise InvalidInput(
            Problem(code="store.backup_unreadable", where=str(source), found=str(error))
        ) from error
    if manifest["schema"] > newest_revision():
        raise Refused(
            Problem(code="store.schema_newer", expected=newest_revision(), found=manifest["schema"])
        )
    return dict(manifest)


def _make_database(server: EmbeddedServer) -> None:
    with psycopg.connect(server.connection_string("postgres"), autocommit=True) as connection:
        known = connection.execute("SELECT FROM pg_database WHERE datname = 'suyuan'")
        if known.fetchone() is None:
            connection.execute("CREATE DATABASE suyuan")


def _fill(target: str, dump: Path) -> None:
    with psycopg.connect(target, autocommit=True) as connection:
        occupied = connection.execute("SELECT to_regclass('journal.head') IS NOT NULL").fetchone()
        if occupied and occupied[0]:
            raise Refused(
                Problem(code="store.restore_target_occupied", where=connection.info.dbname)
            )
        make_roles(connection)
    _run_tool(
        "pg_restore",
        *("--no-owner", "--role=suyuan_owner", "--exit-on-error", "--single-transaction"),
        *(f"--dbname={target}", str(dump)),
    )


def _restore_keys(source: Path, target: Path) -> None:
    if not source.is_dir():
        return
    target.mkdir(mode=0o700, parents=True, exist_ok=True)
    for key in source.glob("*.key"):
        shutil.copyfile(key, target / key.name, follow_symlinks=False)
        (target / key.name).chmod(0o600)


def _run_tool(name: str, *arguments: str) -> None:
    """Run one of the wheel's client tools of PostgreSQL."""
    done = subprocess.run([client_binary(name), *arguments], capture_output=True, check=False)
    if done.returncode != 0:
        said = " ".join(done.stderr.decode(errors="replace").split())
        raise Unavailable(Problem(code="store.backup_failed", found=said[-2000:]))
