"""What the routes of imports have in common: whose table, how it stands, what is wrong. 导入公用"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
from fastapi import Request
from starlette.responses import Response

from suyuan.api._media import language_of
from suyuan.api._parameters import refusing
from suyuan.api._problem import as_http_problem
from suyuan.api._request import path_value
from suyuan.api._services import caller_of, services_of
from suyuan.errors import Language, NotFound, Problem, Refused, SuyuanError
from suyuan.importing import (
    Fault,
    ImportJob,
    SpooledRows,
    Upload,
    edits_of,
    find_job,
    find_upload,
    progress_of,
    reason_of,
    upload_folder,
)

__all__ = [
    "answering",
    "as_json",
    "as_text",
    "edits",
    "folder_of",
    "refuse_running",
    "shown_fault",
    "shown_upload",
    "spooled_rows",
    "tenant_of",
    "upload_of",
]


@contextlib.contextmanager
def answering() -> Iterator[None]:
    """Say with 422 what is wrong with a table or a mapping, and all else as everywhere."""
    try:
        with refusing():
            yield
    except SuyuanError as error:
        raise as_http_problem(error) from error


def tenant_of(request: Request) -> int:
    """Give whose tables these are."""
    return caller_of(request).tenant_id


def upload_of(request: Request) -> Upload:
    """Give the table that a path names, of the caller's own. Raises a 404 problem."""
    text = path_value(request, "upload_id")
    try:
        upload_id = UUID(text)
    except ValueError:
        problem = Problem(code="importing.upload_unknown", found=text[:100])
        raise as_http_problem(NotFound(problem)) from None
    with answering():
        return find_upload(services_of(request).database, tenant_of(request), upload_id)


def folder_of(request: Request, upload: Upload) -> Path:
    """Give where the files of a table lie."""
    return upload_folder(services_of(request).settings.data, tenant_of(request), upload.upload_id)


@contextlib.contextmanager
def spooled_rows(request: Request, upload: Upload) -> Iterator[SpooledRows]:
    """Open the rows of a table. Raises a 404 problem when its files are gone."""
    try:
        spooled = SpooledRows(folder_of(request, upload))
    except FileNotFoundError as error:
        problem = Problem(code="importing.upload_lost", found=upload.file_name)
        raise as_http_problem(NotFound(problem)) from error
    with spooled:
        yield spooled


def refuse_running(request: Request, upload: Upload) -> None:
    """Refuse to touch a table that is being worked on."""
    job = find_job(services_of(request).database, tenant_of(request), upload.upload_id)
    if job is not None and job.finished is None:
        raise Refused(Problem(code="importing.job_running"))


def edits(request: Request, upload: Upload) -> dict[int, dict[int, str]]:
    """Give what was typed into cells of a table."""
    with services_of(request).database.tenant(tenant_of(request), read_only=True) as connection:
        return edits_of(connection, tenant_of(request), upload.upload_id)


def shown_upload(request: Request, upload: Upload, job: ImportJob | None) -> dict[str, Any]:
    """Give a table and how it stands, as answers show it."""
    shown: dict[str, Any] = msgspec.to_builtins(upload)
    shown["import"] = shown.pop("upload_id")
    shown["job"] = None if job is None else _shown_job(request, upload, job)
    return shown


def _shown_job(request: Request, upload: Upload, job: ImportJob) -> dict[str, Any]:
    language = language_of(request)
    progress = progress_of(folder_of(request, upload)) if job.finished is None else None
    return {
        "kind": job.kind,
        "actor_name": job.actor_name,
        "created": job.created,
        "started": job.started,
        "finished": job.finished,
        "progress": progress,
        "result": job.result,
        "problems": [problem.as_dict(language) for problem in job.problems],
    }


def shown_fault(fault: Fault, columns: list[str], language: Language) -> dict[str, Any]:
    """Give what is wrong with a cell or a row, as answers show it."""
    said = fault.problem.as_dict(language)
    return said | {
        "row": fault.row,
        "column": fault.column,
        "said": reason_of(fault, columns, language),
    }


def as_text(value: str, _: str) -> str:
    """Read a parameter as it is."""
    return value.replace("\x00", "\ufffd")


def as_json(value: Any, status: int = 200) -> Response:
    """Answer with JSON that nobody keeps."""
    return Response(
        msgspec.json.encode(value),
        status,
        {"Cache-Control": "no-store"},
        media_type="application/json",
    )
