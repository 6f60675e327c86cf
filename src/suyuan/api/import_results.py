"""`/api/imports/{upload_id}/faults` and `failed`: which rows are not imported, and why. 失败行"""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from fastapi import Request
from starlette.responses import Response, StreamingResponse

from suyuan.api import _openapi_imports as describe
from suyuan.api._imports import (
    as_json,
    edits,
    folder_of,
    shown_fault,
    spooled_rows,
    upload_of,
)
from suyuan.api._media import language_of
from suyuan.api._parameters import choice, position, read_parameters, refusing, whole_number
from suyuan.api._router import Router
from suyuan.importing import FaultFile, cell_text, edited, failed_as_csv, failed_as_xlsx

__all__ = ["router"]

router = Router(prefix="/api", tags=["Import"])

_SHOWN_ROWS = 50
_FAULTS_MAX = 1_000
_ROWS_END = 2**62
_FORMATS = ("csv", "xlsx")
_MEDIA = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@router.get("/imports/{upload_id}/faults", openapi_extra=describe.FAULTS)
def give_faults(request: Request) -> Response:
    """Give rows that failed in the last check or import, with their cells and faults."""
    upload = upload_of(request)
    with refusing():
        values, _ = read_parameters(request, {"after": position, "limit": whole_number})
    numbers = cast("dict[str, int]", values)
    limit = min(numbers.get("limit", _SHOWN_ROWS), _FAULTS_MAX)
    language, columns = language_of(request), upload.found.columns
    found = FaultFile(folder_of(request, upload))
    typed = edits(request, upload)
    rows = []
    with spooled_rows(request, upload) as spooled:
        for row, faults in found.after(min(numbers.get("after", 0), _ROWS_END), limit):
            cells = edited(spooled.row(row), typed.get(row))
            rows.append(
                {
                    "row": row,
                    "cells": [cell_text(cell) for cell in cells],
                    "faults": [shown_fault(one, columns, language) for one in faults],
                }
            )
    return as_json({"rows": rows, "total": len(found.rows)})


@router.get("/imports/{upload_id}/failed", openapi_extra=describe.FAILED_ROWS)
def give_failed_rows(request: Request) -> Response:
    """Give the rows that failed as a table of the same shape, with the reasons beside."""
    upload = upload_of(request)
    with refusing():
        values, _ = read_parameters(
            request, {"format": choice(_FORMATS, "importing.format_unknown")}
        )
    chosen = str(values.get("format", "csv"))
    folder, language, found = folder_of(request, upload), language_of(request), upload.found
    typed = edits(request, upload)
    with spooled_rows(request, upload):
        pass  # It is there, or that is told before the answer begins.
    pieces: Iterator[bytes]
    if chosen == "csv":
        pieces = failed_as_csv(
            folder,
            found.columns,
            typed,
            language=language,
            delimiter=found.delimiter,
            decimal=upload.mapping.decimal,
        )
    else:
        pieces = failed_as_xlsx(folder, found.columns, typed, language=language, sheet=found.sheet)
    headers = {
        "Content-Disposition": f'attachment; filename="failed-rows.{chosen}"',
        "Cache-Control": "no-store",
    }
    return StreamingResponse(pieces, headers=headers, media_type=_MEDIA[chosen])
