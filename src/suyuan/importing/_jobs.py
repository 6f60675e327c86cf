"""Checks and imports as jobs: rows that a worker locks, so that they outlive its process. 导入任务

As with capture jobs (docs/adr/0008): when a process dies its lock goes, and another worker
does the job again; what was captured the first time counts as known. How far a job is stands
in a small file beside the table, since the row is locked meanwhile.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import msgspec
import structlog
from psycopg import errors as pg
from psycopg.types.json import Jsonb

from suyuan.account import Actor, audited
from suyuan.errors import NotFound, Problem, Refused, SuyuanError, Unavailable
from suyuan.importing._known import names_of_record
from suyuan.importing._mapping import Mapping
from suyuan.importing._run import Result, run_import
from suyuan.importing._uploads import edits_of, find_upload, remove_expired, upload_folder
from suyuan.journal import Journal
from suyuan.store import Connection, Database, JobWorker, Stopping

__all__ = [
    "ImportJob",
    "ImportWorker",
    "Progress",
    "add_job",
    "find_job",
    "latest_jobs",
    "progress_of",
]

_log = structlog.get_logger()
_TOLD_S = 0.3
_SWEEP_S = 3_600.0
_PROBLEMS_MAX = 100
_COLUMNS = (
    "job_id, upload_id, kind, mapping, actor, actor_name, address, created, started, finished, "
    "result, problems"
)


class Progress(msgspec.Struct):
    """How far a job is: `phase` is groups, rows, events or capture."""

    phase: str = ""
    done: int = 0
    total: int = 0


class ImportJob(msgspec.Struct, frozen=True):
    """A check or an import, and how it stands."""

    job_id: UUID
    upload_id: UUID
    kind: str
    mapping: Mapping
    actor: str
    actor_name: str
    address: str
    created: datetime
    started: datetime | None = None
    finished: datetime | None = None
    result: Result | None = None
    problems: tuple[Problem, ...] = ()


def add_job(
    database: Database, actor: Actor, upload_id: UUID, *, kind: str, mapping: Mapping
) -> UUID:
    """Store a job. Raises Refused `importing.job_running` while another is under way."""
    job_id = uuid4()
    try:
        with database.tenant(actor.tenant_id) as connection:
            connection.execute(
                "INSERT INTO importing.import_job "
                "(tenant_id, job_id, upload_id, kind, mapping, actor, actor_name, address) "
                "VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
                (
                    *(actor.tenant_id, job_id, upload_id, kind),
                    *(Jsonb(msgspec.to_builtins(mapping)), actor.actor, actor.name, actor.address),
                ),
            )
    except pg.UniqueViolation as error:
        raise Refused(Problem(code="importing.job_running")) from error
    except pg.ForeignKeyViolation as error:
        raise NotFound(Problem(code="importing.upload_unknown", found=str(upload_id))) from error
    return job_id


def find_job(database: Database, tenant_id: int, upload_id: UUID) -> ImportJob | None:
    """Give the newest job of an upload, None when there was none."""
    return latest_jobs(database, tenant_id, [upload_id]).get(upload_id)


def latest_jobs(
    database: Database, tenant_id: int, upload_ids: Sequence[UUID]
) -> dict[UUID, ImportJob]:
    """Give the newest job of each upload that has one."""
    with database.tenant(tenant_id, read_only=True) as connection:
        rows = connection.execute(
            f"SELECT DISTINCT ON (upload_id) {_COLUMNS} "  # noqa: S608 - a constant
            "FROM importing.import_job WHERE tenant_id = %s AND upload_id = ANY(%s) "
            "ORDER BY upload_id, created DESC",
            (tenant_id, list(upload_ids)),
        ).fetchall()
    return {job.upload_id: job for job in map(_job, rows)}


def progress_of(folder: Path) -> Progress:
    """Tell how far the job of an upload is."""
    try:
        return msgspec.json.decode((folder / "progress").read_bytes(), type=Progress)
    except (OSError, msgspec.DecodeError):
        return Progress()


class ImportWorker(JobWorker):
    """Works on the imports of all tenants, the oldest first, and clears away.

    A job that is broken off when it stops is done again later.
    """

    name = "import worker"

    def __init__(
        self,
        database: Database,
        data: Path,
        base_url: str,
        journal_of: Callable[[int], Journal],
    ) -> None:
        """Get ready; `data` is the folder that uploads lie below."""
        super().__init__()
        self._database = database
        self._data = data
        self._base_url = base_url
        self._journal_of = journal_of
        self._swept = float("-inf")

    def rest(self) -> None:
        """Clear away what has expired, now and then."""
        if time.monotonic() - self._swept > _SWEEP_S:
            self._swept = time.monotonic()
            remove_expired(self._database, self._data, now=datetime.now(UTC))

    def work_once(self) -> bool:
        """Work on the oldest job that waits; tell whether there was one."""
        with self._database.owner() as connection:
            row = connection.execute(
                f"SELECT tenant_id, {_COLUMNS} FROM importing.import_job "  # noqa: S608 - a constant
                "WHERE finished IS NULL ORDER BY created LIMIT 1 FOR UPDATE SKIP LOCKED"
            ).fetchone()
            if row is None:
                return False
            tenant_id, job = int(row[0]), _job(row[1:])
            started = datetime.now(UTC)
            result, problems = None, list[Problem]()
            try:
                result = self._work(tenant_id, job)
            except (Unavailable, Stopping):
                raise  # Later, then.
            except _GivenUp:
                problems = [Problem(code="importing.stopped")]
            except SuyuanError as error:
                problems = list(error.problems)
            except Exception:  # noqa: BLE001 - shown and told; it must not hold up other jobs
                _log.exception("import job failed", job_id=str(job.job_id))
                problems = [Problem(code="importing.job_failed")]
            _finish(connection, tenant_id, job, started, result, problems)
        if job.kind == "run" and result is not None:
            self._audit(tenant_id, job, result)
        return True

    def _work(self, tenant_id: int, job: ImportJob) -> Result:
        upload = find_upload(self._database, tenant_id, job.upload_id)
        folder = upload_folder(self._data, tenant_id, job.upload_id)
        if not (folder / "rows").exists():
            raise NotFound(Problem(code="importing.upload_lost", found=upload.file_name))
        with self._database.tenant(tenant_id, read_only=True) as connection:
            edits = edits_of(connection, tenant_id, job.upload_id)
        last = 0.0

        def tell(phase: str, done: int, total: int) -> None:
            nonlocal last
            if self.is_stopping:
                raise Stopping
            if time.monotonic() - last < _TOLD_S:
                return
            last = time.monotonic()
            if (folder / "stop").exists():
                raise _GivenUp
            _put(folder / "progress", msgspec.json.encode(Progress(phase, done, total)))

        (folder / "stop").unlink(missing_ok=True)
        try:
            return run_import(
                self._journal_of(tenant_id),
                folder,
                upload.found,
                job.mapping,
                names_of_record(self._database, tenant_id, self._base_url),
                edits,
                is_check=job.kind == "check",
                told=tell,
            )
        finally:
            (folder / "progress").unlink(missing_ok=True)

    def _audit(self, tenant_id: int, job: ImportJob, result: Result) -> None:
        """Say in the audit trail who brought these into the record, and from what."""
        by = Actor(tenant_id=tenant_id, actor=job.actor, name=job.actor_name, address=job.address)
        upload = find_upload(self._database, tenant_id, job.upload_id)
        with audited(self._database, by, "import.run", f"upload:{job.upload_id}") as change:
            change.after = {
                "file_name": upload.file_name,
                "template": job.mapping.template,
                "rows": result.rows,
                "captured": result.captured,
                "known": result.known,
                "failed": result.failed,
            }


class _GivenUp(Exception):
    """Somebody has asked to stop the job."""


def _put(path: Path, data: bytes) -> None:
    """Write a small file whole, for whoever reads it meanwhile."""
    part = path.with_name(path.name + ".part")
    with contextlib.suppress(OSError):
        part.write_bytes(data)
        part.replace(path)


def _finish(
    connection: Connection,
    tenant_id: int,
    job: ImportJob,
    started: datetime,
    result: Result | None,
    problems: Sequence[Problem],
) -> None:
    connection.execute(
        "UPDATE importing.import_job SET started = %s, finished = clock_timestamp(), "
        "result = %s, problems = %s WHERE tenant_id = %s AND job_id = %s",
        (
            started,
            None if result is None else Jsonb(msgspec.to_builtins(result)),
            Jsonb(msgspec.to_builtins(list(problems[:_PROBLEMS_MAX]), enc_hook=str)),
            tenant_id,
            job.job_id,
        ),
    )
    _log.info("import job finished", tenant=tenant_id, job_id=str(job.job_id), kind=job.kind)


def _job(row: Sequence[Any]) -> ImportJob:
    shown = dict(zip(ImportJob.__struct_fields__, row, strict=True))
    shown["mapping"] = msgspec.convert(shown["mapping"], Mapping)
    shown["problems"] = tuple(msgspec.convert(shown["problems"] or [], list[Problem]))
    if shown["result"] is not None:
        shown["result"] = msgspec.convert(shown["result"], Result)
    return ImportJob(**shown)
