"""The transparency log over HTTP: for everybody, without a key. 透明日志接口

Formats of C2SP (tlog-tiles, tlog-checkpoint): a stranger's own tools can follow the log.
Nothing here shows what an event says, only hashes, sequence numbers, times and event IDs.
Full tiles never change, so they may be cached for ever.
"""

from __future__ import annotations

import contextlib
from base64 import b64encode
from collections.abc import Iterator

from fastapi import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from suyuan.api import _openapi as describe
from suyuan.api._parameters import plain_text
from suyuan.api._router import Router
from suyuan.api._services import services_of
from suyuan.errors import InvalidInput, NotFound, Problem
from suyuan.journal import LogReader, find_sequence
from suyuan.tlog import (
    TILE_WIDTH,
    consistency_proof,
    inclusion_proof,
    parse_tile_path,
    root_from_tiles,
)

__all__ = ["router"]

router = Router(prefix="/log/{tenant}", tags=["Transparency log"])
_FOR_EVER = "public, max-age=31536000, immutable"
_NOT_AT_ALL = "no-store"
_SIZE_DIGITS_MAX = 18


class _Bytes(Response):
    media_type = "application/octet-stream"


@contextlib.contextmanager
def _log_of(request: Request, tenant: str) -> Iterator[LogReader]:
    database = services_of(request).database
    tenant_id = database.tenant_id(tenant)
    with database.tenant(tenant_id, read_only=True) as connection:
        yield LogReader(connection, tenant_id)


@router.get("/checkpoint", response_class=PlainTextResponse, openapi_extra=describe.LOG_CHECKPOINT)
def show_checkpoint(request: Request, tenant: str) -> Response:
    """Give the newest signed checkpoint (C2SP tlog-checkpoint)."""
    with _log_of(request, tenant) as log:
        return _text(log.checkpoint()[1])


@router.get("/key", response_class=PlainTextResponse, openapi_extra=describe.LOG_KEY)
def show_key(request: Request, tenant: str) -> Response:
    """Give the public key that checkpoints are signed with (C2SP signed-note)."""
    with _log_of(request, tenant) as log:
        return _text(log.verifier_key() + "\n")


@router.get("/tile/{path:path}", response_class=_Bytes, openapi_extra=describe.LOG_TILE)
def show_tile(request: Request, tenant: str, path: str) -> Response:
    """Give a tile of hashes, or a bundle of entries (C2SP tlog-tiles)."""
    address = parse_tile_path(f"tile/{path}")
    with _log_of(request, tenant) as log:
        if not address.is_in_tree(log.checkpoint()[0]):
            raise NotFound(Problem(code="journal.tile_unknown", found=address.path))
        if address.level is None:
            data = log.entry_bundle(address.index, address.width)
        else:
            data = log.tiles.read_tile(address.level, address.index, address.width)
    cache = _FOR_EVER if address.width == TILE_WIDTH else _NOT_AT_ALL
    return _Bytes(data, headers={"Cache-Control": cache})


@router.get("/proof/inclusion", openapi_extra=describe.LOG_INCLUSION)
def prove_inclusion(request: Request, tenant: str) -> Response:
    """Prove that an event is in the log (RFC 6962, 2.1.1).

    Query parameters: `event_id`, and `size` for a log smaller than the newest.
    """
    with _log_of(request, tenant) as log:
        newest, note = log.checkpoint()
        size = _size(request, "size", newest, default=newest)
        event_id = plain_text(request.query_params.get("event_id", ""), "event_id")
        sequence = find_sequence(log.connection, log.tenant_id, event_id)
        if sequence > size:
            raise NotFound(Problem(code="journal.checkpoint_missing", where=str(sequence)))
        return JSONResponse(
            {
                "index": sequence - 1,
                "size": size,
                "root": _base64(root_from_tiles(log.tiles, size)),
                "hashes": [_base64(one) for one in inclusion_proof(log.tiles, sequence - 1, size)],
                "checkpoint": note if size == newest else log.note_at(size),
            }
        )


@router.get("/proof/consistency", openapi_extra=describe.LOG_CONSISTENCY)
def prove_consistency(request: Request, tenant: str) -> Response:
    """Prove that the log of one size is the beginning of that of another (RFC 6962, 2.1.2).

    Query parameters: `old`, and `new` for a log smaller than the newest.
    """
    with _log_of(request, tenant) as log:
        newest, _ = log.checkpoint()
        new = _size(request, "new", newest, default=newest)
        old = _size(request, "old", new, default=None)
        return JSONResponse(
            {
                "old_size": old,
                "new_size": new,
                "old_root": _base64(root_from_tiles(log.tiles, old)),
                "new_root": _base64(root_from_tiles(log.tiles, new)),
                "hashes": [_base64(one) for one in consistency_proof(log.tiles, old, new)],
            }
        )


def _size(request: Request, name: str, largest: int, *, default: int | None) -> int:
    text = request.query_params.get(name, "" if default is None else str(default))
    is_number = text.isascii() and text.isdigit() and len(text) <= _SIZE_DIGITS_MAX
    if not is_number or int(text) > largest:
        raise InvalidInput(
            Problem(
                code="journal.log_size_unknown",
                where=name,
                expected=f"0 … {largest}",
                found=text[:100],
            )
        )
    return int(text)


def _base64(data: bytes) -> str:
    return b64encode(data).decode()


def _text(text: str) -> Response:
    return PlainTextResponse(text, headers={"Cache-Control": _NOT_AT_ALL})
