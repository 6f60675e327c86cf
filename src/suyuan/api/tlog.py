"""The transparency log over HTTP: for everybody, without a key. 透明日志接口

Formats of C2SP (tlog-tiles, tlog-checkpoint): a stranger's own tools can follow the log.
Nothing here shows what an event says, only hashes, sequence numbers, times and event IDs.
Full tiles never change, so they may be cached for ever.
"""

from __future__ import annotations

from base64 import b64encode
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Response

from suyuan.errors import InvalidInput, NotFound, Problem
from suyuan.journal import LogReader, find_sequence
from suyuan.store import Connection, Database
from suyuan.tlog import (
    TILE_WIDTH,
    consistency_proof,
    inclusion_proof,
    parse_tile_path,
    root_from_tiles,
)

__all__ = ["log_router"]

_FOR_EVER = "public, max-age=31536000, immutable"
_NOT_AT_ALL = "no-store"
_Tenant = Annotated[str, Path(pattern="^[a-z0-9][a-z0-9-]{0,62}$")]
_Size = Annotated[int, Query(ge=0, le=2**62)]


def log_router(database: Database) -> APIRouter:
    """Make the routes under `/log/{tenant}`."""
    router = APIRouter(prefix="/log/{tenant}", tags=["Transparency log"])

    @router.get("/checkpoint", response_class=Response)
    def checkpoint(tenant: _Tenant) -> Response:
        """Give the newest signed checkpoint (C2SP tlog-checkpoint)."""
        tenant_id = database.tenant_id(tenant)
        with database.tenant(tenant_id, read_only=True) as connection:
            _, note = LogReader(connection, tenant_id).checkpoint()
        return _text(note)

    @router.get("/key", response_class=Response)
    def key(tenant: _Tenant) -> Response:
        """Give the public key that checkpoints are signed with (C2SP signed-note)."""
        tenant_id = database.tenant_id(tenant)
        with database.tenant(tenant_id, read_only=True) as connection:
            return _text(LogReader(connection, tenant_id).verifier_key() + "\n")

    @router.get("/tile/{path:path}", response_class=Response)
    def tile(tenant: _Tenant, path: str) -> Response:
        """Give a tile of hashes or a bundle of entries (C2SP tlog-tiles)."""
        address = parse_tile_path(f"tile/{path}")
        tenant_id = database.tenant_id(tenant)
        with database.tenant(tenant_id, read_only=True) as connection:
            log = LogReader(connection, tenant_id)
            size, _ = log.checkpoint()
            if not address.is_in_tree(size):
                raise NotFound(Problem(code="journal.tile_unknown", found=address.path))
            if address.level is None:
                data = log.entry_bundle(address.index, address.width)
            else:
                data = log.tiles.read_tile(address.level, address.index, address.width)
        cache = _FOR_EVER if address.width == TILE_WIDTH else _NOT_AT_ALL
        return Response(
            data, media_type="application/octet-stream", headers={"Cache-Control": cache}
        )

    @router.get("/proof/inclusion")
    def inclusion(
        tenant: _Tenant,
        event_id: Annotated[str, Query(min_length=1, max_length=2_000)],
        size: _Size | None = None,
    ) -> dict[str, Any]:
        """Prove that an event is in the log (RFC 6962, 2.1.1)."""
        tenant_id = database.tenant_id(tenant)
        with database.tenant(tenant_id, read_only=True) as connection:
            log = LogReader(connection, tenant_id)
            newest, note = log.checkpoint()
            chosen = _size_in(newest if size is None else size, newest)
            sequence = find_sequence(connection, tenant_id, event_id)
            if sequence > chosen:
                raise NotFound(Problem(code="journal.checkpoint_missing", where=str(sequence)))
            proof = inclusion_proof(log.tiles, sequence - 1, chosen)
            return {
                "index": sequence - 1,
                "size": chosen,
                "root": _base64(root_from_tiles(log.tiles, chosen)),
                "hashes": [_base64(one) for one in proof],
                "checkpoint": note if chosen == newest else _note_at(connection, chosen),
            }

    @router.get("/proof/consistency")
    def consistency(tenant: _Tenant, old: _Size, new: _Size | None = None) -> dict[str, Any]:
        """Prove that the log of one size is the beginning of that of another (RFC 6962, 2.1.2)."""
        tenant_id = database.tenant_id(tenant)
        with database.tenant(tenant_id, read_only=True) as connection:
            log = LogReader(connection, tenant_id)
            newest, _ = log.checkpoint()
            later = _size_in(newest if new is None else new, newest)
            proof = consistency_proof(log.tiles, _size_in(old, later), later)
            return {
                "old_size": old,
                "new_size": later,
                "old_root": _base64(root_from_tiles(log.tiles, old)),
                "new_root": _base64(root_from_tiles(log.tiles, later)),
                "hashes": [_base64(one) for one in proof],
            }

    return router


def _size_in(size: int, newest: int) -> int:
    if size > newest:
        raise InvalidInput(
            Problem(code="journal.log_size_unknown", expected=f"≤ {newest}", found=str(size))
        )
    return size


def _note_at(connection: Connection, size: int) -> str | None:
    row = connection.execute("SELECT note FROM tlog.checkpoint WHERE size = %s", (size,)).fetchone()
    return None if row is None else str(row[0])


def _base64(data: bytes) -> str:
    return b64encode(data).decode()


def _text(text: str) -> Response:
    return Response(
        text, media_type="text/plain; charset=utf-8", headers={"Cache-Control": _NOT_AT_ALL}
    )
