"""Capture jobs: documents that wait in the database to go into the journal. 采集任务

A job is stored in the request that brings it, so it outlives whatever is killed afterwards.
Workers, one in each server process, take the oldest that nobody works on: the row's lock says
so, and goes when its worker goes. A job that is done twice is harmless, because capture is
idempotent. See docs/adr/0008.
"""

from __future__ import annotations

import codecs
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import msgspec
import structlog
from psycopg.types.json import Jsonb

from suyuan.api._capture_progress import CaptureProgress, CaptureTeller, forget_progress
from suyuan.api._metrics import Metrics
from suyuan.api._problem import stored_problems
from suyuan.errors import InvalidInput, Problem, SuyuanError, Unavailable
from suyuan.event import Document, Limits, read_json, read_xml
from suyuan.journal import Journal, Origin, capture_master_data, vocabularies_of
from suyuan.settings import Settings
from suyuan.store import Connection, Database, JobWorker

__all__ = [
    "JOB_DAYS",
    "CaptureJob",
    "CaptureWorker",
    "captures_in_state",
    "find_job",
    "list_jobs",
    "looks_like_none",
    "read_document",
    "store_job",
]

_log = structlog.get_logger()
_SHOWN_BYTES = 60
CORRECT = "event.correct"
"""The permission to declare an event in error."""
JOB_DAYS = 7
"""For so many days a capture that was refused needs somebody."""
_ERRORS_MAX = 1_000
_SELECT = (
    "SELECT capture_id, created, started, finished, success, rollback, captured, duplicates, "
    "sequence, errors, progress FROM epcis.capture_job "
    "LEFT JOIN epcis.capture_progress USING (tenant_id, capture_id) WHERE tenant_id = "
)


class CaptureJob(msgspec.Struct, frozen=True):
    """How a capture job stands."""

    capture_id: UUID
    created: datetime
    started: datetime | None
    finished: datetime | None
    success: bool
    rollback: bool
    captured: int
    duplicates: int
    sequence: int | None
    errors: list[dict[str, Any]]
    progress: CaptureProgress | None = None


def store_job(
    database: Database,
    tenant_id: int,
    payload: bytes,
    *,
    media_type: str,
    rollback: bool,
    origin: Origin | None = None,
    may_correct: bool = False,
) -> UUID:
    """Store a document as a job. When this returns, it will be worked on, whatever happens.

    `may_correct`: whether its sender may declare events in error.
    """
    capture_id = uuid4()
    said = None if origin is None else Jsonb(msgspec.to_builtins(origin))
    with database.tenant(tenant_id) as connection:
        connection.execute(
            "INSERT INTO epcis.capture_job (tenant_id, capture_id, rollback, media_type, payload, "
            "origin, may_correct) VALUES (%s, %s, %s, %s, %s, %s, %s)",
            (tenant_id, capture_id, rollback, media_type, payload, said, may_correct),
        )
    return capture_id


def find_job(database: Database, tenant_id: int, capture_id: UUID) -> CaptureJob | None:
    """Give a job of a tenant, None when there is none of that ID."""
    with database.tenant(tenant_id, read_only=True) as connection:
        row = connection.execute(
            f"{_SELECT} %s AND capture_id = %s",
            (tenant_id, capture_id),
        ).fetchone()
    return None if row is None else _job(row)


def list_jobs(
    database: Database,
    tenant_id: int,
    *,
    jobs_max: int,
    after: tuple[datetime, UUID] | None = None,
) -> list[CaptureJob]:
    """Give jobs, the newest first, beginning behind one of them."""
    created, capture_id = after or (None, None)
    with database.tenant(tenant_id, read_only=True) as connection:
        rows = connection.execute(
            f"{_SELECT} %(tenant)s AND (%(created)s::timestamptz IS NULL "
            "OR created < %(created)s OR (created = %(created)s AND capture_id > %(id)s)) "
            "ORDER BY created DESC, capture_id LIMIT %(limit)s",
            {"tenant": tenant_id, "created": created, "id": capture_id, "limit": jobs_max},
        ).fetchall()
    return [_job(row) for row in rows]


def captures_in_state(
    database: Database, tenant_id: int, *, is_waiting: bool, since: datetime, jobs_max: int
) -> list[CaptureJob]:
    """Give the jobs that wait, or those since a moment that were refused; the newest first."""
    state = (
        "finished IS NULL"
        if is_waiting
        else "finished IS NOT NULL AND NOT success AND created > %(since)s"
    )
    with database.tenant(tenant_id, read_only=True) as connection:
        rows = connection.execute(
            f"{_SELECT} %(tenant)s AND {state} ORDER BY created DESC, capture_id LIMIT %(limit)s",
            {"tenant": tenant_id, "since": since, "limit": jobs_max},
        ).fetchall()
    return [_job(row) for row in rows]


def _job(row: Sequence[Any]) -> CaptureJob:
    facts = dict(zip(CaptureJob.__struct_fields__, row, strict=True))
    if facts["progress"] is not None:
        facts["progress"] = msgspec.convert(facts["progress"], CaptureProgress)
    return CaptureJob(**facts)


def read_document(
    payload: bytes,
    media_type: str,
    settings: Settings,
    told: Callable[[int, int], None] = lambda _bytes, _events: None,
) -> Document:
    """Read a document within the limits of the settings; `told` hears how far it is."""
    limits = Limits(
        document_bytes_max=settings.document_bytes_max,
        event_bytes_max=settings.event_bytes_max,
        events_max=settings.capture_events_max,
    )
    read = read_xml if media_type == "application/xml" else read_json
    return read(payload, limits=limits, told=told)


def looks_like_none(payload: bytes, media_type: str) -> Problem | None:
    """Tell what is neither JSON nor XML from its first sign, as a person would want it told.

    A parser says only that it met a sign which it did not expect.
    """
    text = payload.removeprefix(codecs.BOM_UTF8).lstrip()
    if media_type == "application/xml" or text[:1] in (b"{", b"[", b"<", b""):
        return None
    found = text[:_SHOWN_BYTES].split(b"\n")[0].decode("utf-8", "replace")
    return Problem(code="api.document_expected", where="line 1, column 1", found=found)


def refuse_declarations(document: Document) -> None:
    """Take the error declarations out of a document, each with a problem that says why."""
    kept = []
    for position, event in zip(document.positions, document.events, strict=True):
        if event.is_error_declaration:
            document.problems.append(
                Problem(
                    code="api.correction_denied",
                    where=f"event {position}",
                    expected=CORRECT,
                    found=str(event.event_id)[:200],
                )
            )
        else:
            kept.append((position, event))
    document.positions = [position for position, _ in kept]
    document.events = [event for _, event in kept]


class _Job(msgspec.Struct, frozen=True):
    tenant_id: int
    capture_id: UUID
    payload: bytes
    media_type: str
    rollback: bool
    origin: Origin | None
    may_correct: bool


class _Outcome(msgspec.Struct):
    captured: int = 0
    duplicates: int = 0
    sequence: int | None = None
    problems: Iterable[Problem] = ()


class CaptureWorker(JobWorker):
    """Captures the documents of all tenants, the oldest first."""

    name = "capture worker"

    def __init__(
        self,
        database: Database,
        settings: Settings,
        metrics: Metrics,
        journal_of: Callable[[int], Journal],
    ) -> None:
        super().__init__()
        self._database = database
        self._settings = settings
        self._metrics = metrics
        self._journal_of = journal_of

    def work_once(self) -> bool:
        """Work on the oldest job that waits; tell whether there was one."""
        with self._database.owner() as connection:
            row = connection.execute(
                "SELECT tenant_id, capture_id, rollback, media_type, payload, origin, may_correct "
                "FROM epcis.capture_job WHERE finished IS NULL "
                "ORDER BY created LIMIT 1 FOR UPDATE SKIP LOCKED"
            ).fetchone()
            if row is None:
                return False
            tenant_id, capture_id, rollback, media_type, payload, origin, may_correct = row
            started = datetime.now(UTC)
            job = _Job(
                tenant_id,
                capture_id,
                bytes(payload),
                media_type,
                rollback,
                None if origin is None else msgspec.convert(origin, Origin),
                may_correct,
            )
            try:
                outcome = self._capture(job)
            except Unavailable:
                raise
            except Exception:  # noqa: BLE001 - shown and told; it must not hold up other jobs
                _log.exception("capture job failed", capture_id=str(capture_id))
                outcome = _Outcome(problems=[Problem(code="api.job_failed")])
            self._finish(connection, tenant_id, capture_id, started, outcome)
        return True

    def _capture(self, job: _Job) -> _Outcome:
        """Capture one document; what is wrong with it is in the outcome, not raised."""
        teller = CaptureTeller(self._database, job.tenant_id, job.capture_id, len(job.payload))
        try:
            document = read_document(job.payload, job.media_type, self._settings, teller.read)
        except InvalidInput as error:
            return _Outcome(problems=error.problems)
        if not job.may_correct:
            refuse_declarations(document)
        if job.rollback and document.problems:
            self._metrics.refused.inc(len(document.events))
            return _Outcome(problems=document.problems)
        try:
            result = self._journal_of(job.tenant_id).capture(
                teller.checking(document.events),
                proceed=not job.rollback,
                origin=job.origin,
                told=teller.stored,
            )
        except Unavailable:
            raise  # Later, then.
        except SuyuanError as error:
            return _Outcome(problems=[*document.problems, *error.problems])
        if not (job.rollback and result.problems):
            capture_master_data(
                self._database,
                job.tenant_id,
                vocabularies_of(document.header),
                record_time=datetime.now(UTC),
            )
        self._metrics.captured.inc(result.captured)
        self._metrics.duplicates.inc(result.duplicates)
        self._metrics.refused.inc(len(result.problems))
        return _Outcome(
            captured=result.captured,
            duplicates=result.duplicates,
            sequence=result.sequence,
            problems=[*document.problems, *result.problems],
        )

    def _finish(
        self,
        connection: Connection,
        tenant_id: int,
        capture_id: UUID,
        started: datetime,
        outcome: _Outcome,
    ) -> None:
        problems = list(outcome.problems)
        errors = stored_problems(problems[:_ERRORS_MAX])
        forget_progress(connection, tenant_id, capture_id)
        connection.execute(
            "UPDATE epcis.capture_job SET started = %s, finished = clock_timestamp(), "
            "payload = NULL, success = %s, captured = %s, duplicates = %s, sequence = %s, "
            "errors = %s WHERE tenant_id = %s AND capture_id = %s",
            (
                started,
                not problems,
                outcome.captured,
                outcome.duplicates,
                outcome.sequence,
                Jsonb(errors),
                tenant_id,
                capture_id,
            ),
        )
        _log.info(
            "capture job finished",
            tenant=tenant_id,
            capture_id=str(capture_id),
            captured=outcome.captured,
            duplicates=outcome.duplicates,
            problems=len(problems),
        )
