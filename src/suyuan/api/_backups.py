"""Backups that the server makes beside its work: one at a time, into the data folder. 备份

Which one is under way, or why the last one failed, stands in a file beside them, so that each
process of a server tells the same. Whoever makes one has the file locked: when it is killed,
nothing is under way any more.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import time
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread
from typing import IO, Any

import msgspec
import structlog

from suyuan.api._problem import shown_problems, stored_problems
from suyuan.errors import Language, Problem, Refused, SuyuanError
from suyuan.store import Database, backup_folder, backup_under_way, write_backup

__all__ = ["Backups"]

_log = structlog.get_logger()
_NOTE = "under-way"
_TRIES, _AGAIN_S = 5, 0.02  # Whoever looks at the note holds it for a moment.


class _Note(msgspec.Struct, omit_defaults=True):
    """What stands in the file: what is under way, or after it, what was wrong."""

    file: str = ""
    started: datetime | None = None
    by: str = ""
    process: int = 0
    errors: list[dict[str, Any]] = []


class Backups:
    """Makes backups in a thread. What was made stands in a list that `suyuan backup` shares."""

    def __init__(self, database: Database, data: Path) -> None:
        self._database = database
        self._data = data

    def begin(self, by: str) -> str:
        """Begin a backup; give the name of its file.

        Raises Refused `api.backup_running`, `api.disk_too_full`.
        """
        folder = backup_folder(self._data)
        page = _taken(folder / _NOTE)
        try:
            self._check_room(folder)
            now = datetime.now(UTC)
            file = folder / f"suyuan-{now:%Y%m%d-%H%M%S}.backup"
            _write(page, _Note(file.name, now, by, os.getpid()))
            Thread(target=self._run, args=(page, file, by), name="backup", daemon=True).start()
        except BaseException:
            page.close()
            raise
        return file.name

    def _check_room(self, folder: Path) -> None:
        """See that the disk takes a backup as large as the database itself, and some more."""
        free = shutil.disk_usage(folder).free
        with self._database.tenant(0, read_only=True) as connection:
            row = connection.execute("SELECT pg_database_size(current_database())").fetchone()
        needed = int(row[0]) if row else 0
        if free < needed:
            raise Refused(
                Problem(
                    code="api.disk_too_full",
                    where=str(folder),
                    expected=f"{needed / 1e9:.1f} GB",
                    found=f"{free / 1e9:.1f} GB",
                )
            )

    def _run(self, page: IO[bytes], file: Path, by: str) -> None:
        errors: list[dict[str, Any]] = []
        with page:
            try:
                write_backup(self._database, self._data, file, by=by)
            except SuyuanError as error:
                errors = stored_problems(error.problems)
                _log.warning("backup failed", error=error.text())
            except Exception as error:  # noqa: BLE001 - the outermost loop of this thread: told
                _log.exception("backup failed")
                errors = stored_problems([Problem(code="store.backup_failed", found=str(error))])
            _write(page, _Note(errors=errors))

    def shown(self, language: Language) -> dict[str, Any]:
        """Give what is under way, and why the last one failed if it did."""
        folder = backup_folder(self._data)
        note, is_under_way = _read(folder / _NOTE)
        return {
            "running": {
                "file": note.file,
                "started": note.started,
                "by": note.by,
                "seconds": round((datetime.now(UTC) - note.started).total_seconds(), 1),
                "bytes": backup_under_way(folder / note.file, note.process),
            }
            if is_under_way and note.started
            else None,
            "errors": shown_problems(note.errors, language),
        }


def _taken(place: Path) -> IO[bytes]:
    """Open the file and lock it for ourselves until it is closed."""
    page = place.open("a+b")
    for _ in range(_TRIES):
        with contextlib.suppress(BlockingIOError):
            fcntl.flock(page, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return page
        time.sleep(_AGAIN_S)
    page.close()
    raise Refused(Problem(code="api.backup_running", found=_read(place)[0].file))


def _write(page: IO[bytes], note: _Note) -> None:
    page.truncate(0)
    page.write(msgspec.json.encode(note))
    page.flush()


def _read(place: Path) -> tuple[_Note, bool]:
    """Give what the file says, and whether somebody holds it."""
    with contextlib.suppress(OSError, msgspec.DecodeError), place.open("rb") as page:
        is_held = _is_held(page)
        return msgspec.json.decode(page.read(), type=_Note), is_held
    return _Note(), False


def _is_held(page: IO[bytes]) -> bool:
    try:
        fcntl.flock(page, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    fcntl.flock(page, fcntl.LOCK_UN)
    return False
