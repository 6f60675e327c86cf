"""Backups that the server makes beside its work: one at a time, into the data folder. 备份"""

from __future__ import annotations

import shutil
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock, Thread
from typing import Any

import structlog

from suyuan.api._problem import shown_problems, stored_problems
from suyuan.errors import Language, Problem, Refused, SuyuanError
from suyuan.store import Database, backup_folder, backup_under_way, write_backup

__all__ = ["Backups"]

_log = structlog.get_logger()


@dataclass(slots=True)
class _Running:
    file: Path
    started: datetime
    by: str
    began_s: float = field(default_factory=time.monotonic)


class Backups:
    """Makes backups in a thread. What was made stands in a list that `suyuan backup` shares."""

    def __init__(self, database: Database, data: Path) -> None:
        self._database = database
        self._data = data
        self._lock = Lock()
        self._running: _Running | None = None
        self._failure: list[dict[str, Any]] = []

    def begin(self, by: str) -> str:
        """Begin a backup; give the name of its file.

        Raises Refused `api.backup_running`, `api.disk_too_full`.
        """
        folder = backup_folder(self._data)
        with self._lock:
            if self._running is not None:
                raise Refused(Problem(code="api.backup_running", found=self._running.file.name))
            self._check_room(folder)
            now = datetime.now(UTC)
            file = folder / f"suyuan-{now:%Y%m%d-%H%M%S}.backup"
            self._running = _Running(file, now, by)
            self._failure = []
        Thread(target=self._run, args=(file, by), name="backup", daemon=True).start()
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

    def _run(self, file: Path, by: str) -> None:
        failure: list[dict[str, Any]] = []
        try:
            write_backup(self._database, self._data, file, by=by)
        except SuyuanError as error:
            failure = stored_problems(error.problems)
            _log.warning("backup failed", error=error.text())
        except Exception as error:  # noqa: BLE001 - the outermost loop of this thread: told
            _log.exception("backup failed")
            failure = stored_problems([Problem(code="store.backup_failed", found=str(error))])
        with self._lock:
            self._running, self._failure = None, failure

    def shown(self, language: Language) -> dict[str, Any]:
        """Give what is under way, and why the last one of this process failed if it did."""
        with self._lock:
            running, failure = self._running, self._failure
        return {
            "running": None
            if running is None
            else {
                "file": running.file.name,
                "started": running.started,
                "by": running.by,
                "seconds": round(time.monotonic() - running.began_s, 1),
                "bytes": backup_under_way(running.file),
            },
            "errors": shown_problems(failure, language),
        }
