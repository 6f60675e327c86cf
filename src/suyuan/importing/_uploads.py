"""Uploads: files that wait in the data folder, whose they are, and for how long. 上传文件

Each lies in a folder of its own below its tenant's. Whoever looks one up does so under
row-level security, so that nobody reaches a folder but by a row of their own.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
from psycopg.types.json import Jsonb

from suyuan.account import Actor
from suyuan.errors import InvalidInput, NotFound, Problem, Refused
from suyuan.importing._mapping import Mapping as ColumnMapping
from suyuan.importing._reading import COLUMNS_MAX, ROWS_MAX, Found, Reading
from suyuan.store import Connection, Database

__all__ = [
    "Upload",
    "add_upload",
    "change_upload",
    "edits_of",
    "find_upload",
    "list_uploads",
    "put_edits",
    "remove_expired",
    "remove_upload",
    "upload_folder",
]

UPLOADS_MAX = 200
EDITS_MAX = 20_000
_EDIT_CHARACTERS_MAX = 2_000
_COLUMNS = "upload_id, file_name, size_bytes, actor_name, created, expires, reading, found, mapping"
_FILE_NAME_CHARACTERS_MAX = 200


class Upload(msgspec.Struct, frozen=True):
    """One file that was uploaded, and what is known about it."""

    upload_id: UUID
    file_name: str
    size_bytes: int
    actor_name: str
    created: datetime
    expires: datetime
    reading: Reading
    found: Found
    mapping: ColumnMapping


def upload_folder(data: Path, tenant_id: int, upload_id: UUID) -> Path:
    """Give the folder of an upload."""
    return data / "imports" / str(tenant_id) / str(upload_id)


def add_upload(
    database: Database,
    actor: Actor,
    upload_id: UUID,
    *,
    file_name: str,
    size_bytes: int,
    digest: bytes,
    reading: Reading,
    found: Found,
    mapping: ColumnMapping,
    kept_days: int,
) -> Upload:
    """Keep an upload whose file lies in its folder. Raises Refused `importing.uploads_too_many`."""
    with database.tenant(actor.tenant_id) as connection:
        row = connection.execute(
            "SELECT count(*) FROM importing.upload WHERE tenant_id = %s", (actor.tenant_id,)
        ).fetchone()
        if row is not None and row[0] >= UPLOADS_MAX:
            raise Refused(Problem(code="importing.uploads_too_many", expected=str(UPLOADS_MAX)))
        connection.execute(
            "INSERT INTO importing.upload (tenant_id, upload_id, file_name, size_bytes, digest, "
            "actor, actor_name, expires, reading, found, mapping) "
            "VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
            (
                *(actor.tenant_id, upload_id, shown_name(file_name), size_bytes, digest),
                *(actor.actor, actor.name, datetime.now(UTC) + timedelta(days=kept_days)),
                *(_json(reading), _json(found), _json(mapping)),
            ),
        )
    return find_upload(database, actor.tenant_id, upload_id)


def shown_name(file_name: str) -> str:
    """Give the name of a file without folders and without what can't be shown."""
    name = file_name.replace("\\", "/").rpartition("/")[2]
    kept = "".join(letter for letter in name if letter.isprintable())
    return kept.strip()[:_FILE_NAME_CHARACTERS_MAX] or "table"


def find_upload(database: Database, tenant_id: int, upload_id: UUID) -> Upload:
    """Give an upload. Raises NotFound `importing.upload_unknown`."""
    with database.tenant(tenant_id, read_only=True) as connection:
        row = connection.execute(
            f"SELECT {_COLUMNS} FROM importing.upload "  # noqa: S608 - a constant
            "WHERE tenant_id = %s AND upload_id = %s",
            (tenant_id, upload_id),
        ).fetchone()
    if row is None:
        raise NotFound(Problem(code="importing.upload_unknown", found=str(upload_id)))
    return _upload(row)


def list_uploads(database: Database, tenant_id: int) -> list[Upload]:
    """Give all uploads of a tenant, the newest first."""
    with database.tenant(tenant_id, read_only=True) as connection:
        rows = connection.execute(
            f"SELECT {_COLUMNS} FROM importing.upload "  # noqa: S608 - a constant
            "WHERE tenant_id = %s ORDER BY created DESC, upload_id",
            (tenant_id,),
        ).fetchall()
    return [_upload(row) for row in rows]


def change_upload(
    database: Database,
    tenant_id: int,
    upload_id: UUID,
    *,
    reading: Reading | None = None,
    found: Found | None = None,
    mapping: ColumnMapping | None = None,
) -> Upload:
    """Keep how a file is read, what it turned out to be, or what it means."""
    values = {"reading": reading, "found": found, "mapping": mapping}
    with database.tenant(tenant_id) as connection:
        connection.execute(
            "UPDATE importing.upload SET reading = coalesce(%(reading)s, reading), "
            "found = coalesce(%(found)s, found), mapping = coalesce(%(mapping)s, mapping) "
            "WHERE tenant_id = %(tenant)s AND upload_id = %(upload)s",
            {name: None if value is None else _json(value) for name, value in values.items()}
            | {"tenant": tenant_id, "upload": upload_id},
        )
        if reading is not None:  # Other rows and columns: what was typed stands elsewhere.
            connection.execute(
                "DELETE FROM importing.edited_cell WHERE tenant_id = %s AND upload_id = %s",
                (tenant_id, upload_id),
            )
    return find_upload(database, tenant_id, upload_id)


def remove_upload(database: Database, data: Path, tenant_id: int, upload_id: UUID) -> None:
    """Remove an upload with its file, its jobs and what was typed."""
    with database.tenant(tenant_id) as connection:
        connection.execute(
            "DELETE FROM importing.upload WHERE tenant_id = %s AND upload_id = %s",
            (tenant_id, upload_id),
        )
    shutil.rmtree(upload_folder(data, tenant_id, upload_id), ignore_errors=True)


def remove_expired(database: Database, data: Path, *, now: datetime) -> int:
    """Remove all uploads whose time is over, of all tenants; give how many."""
    with database.owner() as connection:
        rows = connection.execute(
            "SELECT tenant_id, upload_id FROM importing.upload AS one WHERE expires < %s "
            "AND NOT EXISTS (SELECT FROM importing.import_job AS job "
            "WHERE job.tenant_id = one.tenant_id AND job.upload_id = one.upload_id "
            "AND job.finished IS NULL)",
            (now,),
        ).fetchall()
    for tenant_id, upload_id in rows:
        remove_upload(database, data, tenant_id, upload_id)
    return len(rows)


Edit = tuple[int, int, str | None]
"""Row, column, and what is to stand there; None takes back what was typed."""


def put_edits(database: Database, upload: Upload, tenant_id: int, edits: Sequence[Edit]) -> None:
    """Keep what was typed into cells, or take it back.

    Raises InvalidInput `importing.cell_unknown`, `importing.value_too_long`,
    `importing.edits_too_many`.
    """
    _check_edits(upload, edits)
    with database.tenant(tenant_id) as connection, connection.cursor() as cursor:
        where = (tenant_id, upload.upload_id)
        cursor.executemany(
            "DELETE FROM importing.edited_cell WHERE tenant_id = %s AND upload_id = %s "
            "AND row_number = %s AND column_number = %s",
            [(*where, row, column) for row, column, _ in edits],
        )
        cursor.executemany(
            "INSERT INTO importing.edited_cell (tenant_id, upload_id, row_number, "
            "column_number, content) VALUES (%s, %s, %s, %s, %s)",
            [(*where, row, column, text) for row, column, text in edits if text is not None],
        )
        count = connection.execute(
            "SELECT count(*) FROM importing.edited_cell WHERE tenant_id = %s AND upload_id = %s",
            where,
        ).fetchone()
        if count is not None and count[0] > EDITS_MAX:
            raise InvalidInput(Problem(code="importing.edits_too_many", expected=str(EDITS_MAX)))


def _check_edits(upload: Upload, edits: Sequence[Edit]) -> None:
    problems = []
    for row, column, text in edits:
        if not (upload.found.header_row < row <= min(upload.found.rows, ROWS_MAX)) or not (
            0 <= column < min(len(upload.found.columns), COLUMNS_MAX)
        ):
            problems.append(Problem(code="importing.cell_unknown", found=f"{row}, {column}"))
        elif text is not None and (len(text) > _EDIT_CHARACTERS_MAX or "\0" in text):
            problems.append(
                Problem(
                    code="importing.value_too_long",
                    expected=str(_EDIT_CHARACTERS_MAX),
                    found=str(len(text)),
                )
            )
    if len({(row, column) for row, column, _ in edits}) < len(edits):
        problems.append(Problem(code="importing.cell_unknown", found="twice"))
    if problems:
        raise InvalidInput(problems)


def edits_of(connection: Connection, tenant_id: int, upload_id: UUID) -> dict[int, dict[int, str]]:
    """Give what was typed into cells, by row and column."""
    rows = connection.execute(
        "SELECT row_number, column_number, content FROM importing.edited_cell "
        "WHERE tenant_id = %s AND upload_id = %s ORDER BY row_number",
        (tenant_id, upload_id),
    )
    found: dict[int, dict[int, str]] = {}
    for row, column, text in rows:
        found.setdefault(row, {})[column] = text
    return found


def _upload(row: Sequence[Any]) -> Upload:
    shown = dict(zip(Upload.__struct_fields__, row, strict=True))
    for name, kind in (("reading", Reading), ("found", Found), ("mapping", ColumnMapping)):
        shown[name] = msgspec.convert(shown[name], kind)
    return Upload(**shown)


def _json(value: Reading | Found | ColumnMapping) -> Jsonb:
    plain: Mapping[str, object] = msgspec.to_builtins(value)
    return Jsonb(plain)
