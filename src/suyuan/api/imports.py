"""`/api/imports`: tables of users, from the upload to the failed rows; and saved mappings. 导入"""

from __future__ import annotations

import contextlib
import shutil
from hashlib import sha256
from pathlib import Path
from threading import BoundedSemaphore
from typing import Annotated, Any, cast
from uuid import UUID, uuid4

import msgspec
from fastapi import Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from suyuan.account import Actor
from suyuan.api import _openapi_imports as describe
from suyuan.api._body import JsonBody, read_json
from suyuan.api._imports import (
    answering,
    as_json,
    as_text,
    edits,
    folder_of,
    refuse_running,
    shown_fault,
    shown_upload,
    spooled_rows,
    tenant_of,
    upload_of,
)
from suyuan.api._media import language_of
from suyuan.api._parameters import read_parameters, refusing
from suyuan.api._problem import refuse
from suyuan.api._router import Router
from suyuan.api._services import Services, actor_of, caller_of, services_of
from suyuan.errors import InvalidInput, Problem
from suyuan.importing import (
    Fault,
    Found,
    Mapping,
    Reading,
    SpooledRows,
    Upload,
    add_job,
    add_upload,
    bind,
    cell_text,
    change_upload,
    edited,
    find_job,
    find_mapping,
    latest_jobs,
    list_uploads,
    made_events,
    names_of_record,
    propose,
    put_edits,
    read_elsewhere,
    remove_upload,
    upload_folder,
)

__all__ = ["router"]

router = Router(prefix="/api", tags=["Import"])

_SHOWN_ROWS = 50
_SHOWN_ROWS_MAX = 500
_SAMPLE_ROWS = 200
_READERS = BoundedSemaphore(2)  # Each may hold a whole sheet in memory.


class _Changed(msgspec.Struct, forbid_unknown_fields=True):
    reading: Reading | None = None
    mapping: Mapping | None = None
    template: str | None = None
    """Propose a mapping anew for rows that mean this."""
    time_zone: str | None = None


class _Shown(msgspec.Struct, forbid_unknown_fields=True):
    mapping: Mapping | None = None
    after: Annotated[int, msgspec.Meta(ge=0)] = 0
    rows: Annotated[int, msgspec.Meta(ge=1, le=_SHOWN_ROWS_MAX)] = _SHOWN_ROWS


class _Edit(msgspec.Struct, forbid_unknown_fields=True):
    row: int
    column: int
    text: str | None


class _Edits(msgspec.Struct, forbid_unknown_fields=True):
    edits: Annotated[list[_Edit], msgspec.Meta(max_length=5_000)]


class _Work(msgspec.Struct, forbid_unknown_fields=True):
    mapping: Mapping | None = None
    mapping_name: str | None = None


@router.get("/imports", openapi_extra=describe.IMPORTS)
def give_imports(request: Request) -> Response:
    """Give the tables that wait here, the newest first, and how they stand."""
    tenant_id = caller_of(request).tenant_id
    database = services_of(request).database
    uploads = list_uploads(database, tenant_id)
    jobs = latest_jobs(database, tenant_id, [one.upload_id for one in uploads])
    shown = [shown_upload(request, one, jobs.get(one.upload_id)) for one in uploads]
    return as_json({"imports": shown})


@router.post("/imports", status_code=201, openapi_extra=describe.UPLOAD)
async def upload_table(request: Request) -> Response:
    """Take a table in, find out how it is written, and propose what its columns mean."""
    services = services_of(request)
    with refusing():
        values, _ = read_parameters(
            request, {"file_name": as_text, "mapping": as_text, "time_zone": as_text}
        )
    texts = cast("dict[str, str]", values)
    upload_id = uuid4()
    folder = upload_folder(services.settings.data, caller_of(request).tenant_id, upload_id)
    try:
        size, digest = await _receive(request, folder / "file", services.settings.import_bytes_max)
        upload = await run_in_threadpool(
            _take_in, services, actor_of(request), upload_id, texts, size, digest
        )
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return as_json(shown_upload(request, upload, None), 201)


async def _receive(request: Request, path: Path, bytes_max: int) -> tuple[int, bytes]:
    """Stream a body to disk, within its bound. Raises a 413 problem."""
    size, digest = 0, sha256()
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with path.open("wb") as file:
            async for part in request.stream():
                size += len(part)
                if size > bytes_max:
                    raise refuse(
                        "CaptureLimitExceededException",
                        "importing.upload_too_large",
                        expected=str(bytes_max),
                    )
                digest.update(part)
                await run_in_threadpool(file.write, part)
    except OSError as error:
        raise refuse("Unavailable", "store.disk_full", found=str(error)[:200]) from error
    return size, digest.digest()


def _take_in(
    services: Services,
    actor: Actor,
    upload_id: UUID,
    texts: dict[str, str],
    size: int,
    digest: bytes,
) -> Upload:
    folder = upload_folder(services.settings.data, actor.tenant_id, upload_id)
    saved = None
    with answering():
        if texts.get("mapping"):
            saved = find_mapping(services.database, actor.tenant_id, texts["mapping"]).mapping
        reading = Reading() if saved is None else saved.reading
        found = _read(folder, reading)
        name = texts.get("file_name", "")
        mapping = saved or _proposed(
            folder, found.columns, found.header_row, (name, found.sheet), texts.get("time_zone")
        )
        return add_upload(
            services.database,
            actor,
            upload_id,
            file_name=name,
            size_bytes=size,
            digest=digest,
            reading=reading,
            found=found,
            mapping=mapping,
            kept_days=services.settings.import_days,
        )


def _read(folder: Path, reading: Reading) -> Found:
    with _READERS:
        return read_elsewhere(folder / "file", folder, reading)


def _proposed(
    folder: Path,
    columns: list[str],
    header_row: int,
    titles: tuple[str, ...],
    time_zone: str | None,
    *,
    reading: Reading | None = None,
    template: str = "",
) -> Mapping:
    with SpooledRows(folder) as spooled:
        sample = [cells for _, cells in spooled.rows(header_row + 1, _SAMPLE_ROWS)]
    return propose(
        columns,
        sample,
        titles=titles,
        time_zone=time_zone or "",
        reading=reading,
        template=template,
    )


@router.get("/imports/{upload_id}", openapi_extra=describe.IMPORT)
def give_import(request: Request) -> Response:
    """Give one table: how it was read, what its columns mean, and how its job stands."""
    upload = upload_of(request)
    job = find_job(services_of(request).database, tenant_of(request), upload.upload_id)
    return as_json(shown_upload(request, upload, job))


@router.patch("/imports/{upload_id}", openapi_extra=describe.CHANGE_IMPORT)
def change_import(request: Request, body: JsonBody) -> Response:
    """Read a table another way, or say what its columns mean."""
    upload, wanted = upload_of(request), read_json(body, _Changed)
    services, folder = services_of(request), folder_of(request, upload)
    with answering():
        refuse_running(request, upload)
        if wanted.reading is not None:
            found = _read(folder, wanted.reading)
            upload = change_upload(
                services.database,
                tenant_of(request),
                upload.upload_id,
                reading=wanted.reading,
                found=found,
            )
        mapping = wanted.mapping
        if mapping is None and (wanted.reading is not None or wanted.template is not None):
            mapping = _proposed(
                folder,
                upload.found.columns,
                upload.found.header_row,
                (upload.file_name, upload.found.sheet),
                wanted.time_zone or upload.mapping.time_zone,
                reading=upload.reading,
                template=wanted.template or "",
            )
        if mapping is not None:
            upload = change_upload(
                services.database, tenant_of(request), upload.upload_id, mapping=mapping
            )
    return as_json(shown_upload(request, upload, None))


@router.delete("/imports/{upload_id}", status_code=204, openapi_extra=describe.REMOVE_IMPORT)
def remove_import(request: Request) -> Response:
    """Remove a table; what was captured from it stays in the record."""
    upload = upload_of(request)
    with answering():
        refuse_running(request, upload)
    services = services_of(request)
    remove_upload(services.database, services.settings.data, tenant_of(request), upload.upload_id)
    return Response(status_code=204)


@router.post("/imports/{upload_id}/preview", openapi_extra=describe.PREVIEW)
def show_preview(request: Request, body: JsonBody) -> Response:
    """Give some rows as they would be imported: their cells, their events, their faults."""
    upload, wanted = upload_of(request), read_json(body, _Shown)
    mapping = wanted.mapping or upload.mapping
    problems: list[Problem] = []
    rows = _some_rows(request, upload, wanted.after, wanted.rows)
    events: list[tuple[list[int], dict[str, object]]] = []
    faults: list[Fault] = []
    notes: list[Fault] = []
    try:
        bound = bind(mapping, upload.found.columns)
        services = services_of(request)
        names = names_of_record(services.database, tenant_of(request), services.settings.base_url)
        events, faults, notes = made_events(bound, names, rows)
    except InvalidInput as error:  # Columns that are not mapped yet: told, and no reason to stop.
        problems = list(error.problems)
    language = language_of(request)
    return as_json(
        {
            "rows": [
                {"row": row, "cells": [cell_text(cell) for cell in cells]} for row, cells in rows
            ],
            "events": [{"rows": numbers, "event": event} for numbers, event in events],
            "faults": [shown_fault(one, upload.found.columns, language) for one in faults],
            "notes": [shown_fault(one, upload.found.columns, language) for one in notes],
            "problems": [problem.as_dict(language) for problem in problems],
        }
    )


def _some_rows(
    request: Request, upload: Upload, after: int, rows_max: int
) -> list[tuple[int, list[Any]]]:
    """Give rows behind one, those with nothing in them left out, as somebody has changed them."""
    typed = edits(request, upload)
    found: list[tuple[int, list[Any]]] = []
    with spooled_rows(request, upload) as spooled:
        for number, cells in spooled.rows(max(after, upload.found.header_row) + 1):
            shown = edited(cells, typed.get(number))
            if any(cell != "" for cell in shown):
                found.append((number, shown))
            if len(found) >= rows_max or number > after + 20 * rows_max:
                break
    return found


@router.put("/imports/{upload_id}/cells", status_code=204, openapi_extra=describe.EDIT_CELLS)
def change_cells(request: Request, body: JsonBody) -> Response:
    """Put other texts into cells, for this import; null takes them back."""
    upload, wanted = upload_of(request), read_json(body, _Edits)
    with answering():
        refuse_running(request, upload)
        put_edits(
            services_of(request).database,
            upload,
            tenant_of(request),
            [(one.row, one.column, one.text) for one in wanted.edits],
        )
    return Response(status_code=204)


@router.post("/imports/{upload_id}/check", status_code=202, openapi_extra=describe.CHECK_IMPORT)
def check_import(request: Request, body: JsonBody) -> Response:
    """Look at the whole table as an import would, without capturing anything."""
    return _start(request, body, "check")


@router.post("/imports/{upload_id}/run", status_code=202, openapi_extra=describe.RUN_IMPORT)
def run_import(request: Request, body: JsonBody) -> Response:
    """Capture all rows that are right."""
    return _start(request, body, "run")


def _start(request: Request, body: bytes, kind: str) -> Response:
    upload, wanted = upload_of(request), read_json(body, _Work)
    services = services_of(request)
    with answering():
        mapping = wanted.mapping or upload.mapping
        if wanted.mapping_name:
            saved = find_mapping(services.database, tenant_of(request), wanted.mapping_name)
            mapping = saved.mapping
        bind(mapping, upload.found.columns)
        add_job(services.database, actor_of(request), upload.upload_id, kind=kind, mapping=mapping)
        upload = change_upload(
            services.database, tenant_of(request), upload.upload_id, mapping=mapping
        )
    services.house.wake_import()
    job = find_job(services.database, tenant_of(request), upload.upload_id)
    return as_json(shown_upload(request, upload, job), 202)


@router.post("/imports/{upload_id}/stop", status_code=204, openapi_extra=describe.STOP_IMPORT)
def stop_import(request: Request) -> Response:
    """Ask the job of a table to stop; what was captured stays."""
    upload = upload_of(request)
    with contextlib.suppress(OSError):
        (folder_of(request, upload) / "stop").touch()
    return Response(status_code=204)
