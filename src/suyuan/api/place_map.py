"""`/api/map`: the map of a plant's own on which its places are drawn. 位置地图"""

from __future__ import annotations

import hashlib
from functools import lru_cache
from typing import Any, cast

import msgspec
from fastapi import Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from suyuan import __version__
from suyuan.api import _openapi_place_map as describe
from suyuan.api._media import read_body
from suyuan.api._parameters import plain_text, read_parameters, refusing, truth
from suyuan.api._problem import refuse
from suyuan.api._router import Router
from suyuan.api._services import Services, actor_of, caller_of, services_of
from suyuan.place_map import (
    MAP_BYTES_MAX,
    PlaceMap,
    compare_map,
    find_map,
    read_map,
    remove_map,
    set_map,
)
from suyuan.trace import names_in, titles_of

__all__ = ["router"]

router = Router(prefix="/api", tags=["Settings"])
_FILE_NAME = "map.geojson"
_MAPS_KEPT = 4


@router.get("/map", openapi_extra=describe.MAP)
def give_map(request: Request) -> Response:
    """Give the map as it is drawn, null where there is none. Browsers may keep it, and ask."""
    services, tenant_id = services_of(request), caller_of(request).tenant_id
    stored = find_map(services.database, tenant_id)
    if stored is None:
        return _json({"map": None})
    # What is drawn depends on the file, its name, and on how this version reads it.
    said = f"{__version__} {stored.sha256} {stored.changed.isoformat()}"
    headers = {
        "ETag": f'W/"{hashlib.sha256(said.encode()).hexdigest()[:32]}"',
        "Cache-Control": "private, no-cache",
        "Vary": "Cookie, Authorization",
    }
    if request.headers.get("if-none-match") == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    told = msgspec.to_builtins(_read_before(stored.content)) | {
        "file_name": stored.file_name,
        "bytes": len(stored.content),
        "sha256": stored.sha256,
        "changed": stored.changed,
    }
    return _json({"map": told}, headers)


@router.get("/map/file", openapi_extra=describe.MAP_FILE)
def give_map_file(request: Request) -> Response:
    """Give the file of the map as it was given."""
    stored = find_map(services_of(request).database, caller_of(request).tenant_id)
    if stored is None:
        raise refuse("NoSuchNameException", "place_map.missing")
    headers = {
        "Content-Disposition": f'attachment; filename="{_FILE_NAME}"',
        "Cache-Control": "no-store",
    }
    return Response(stored.content, headers=headers, media_type="application/geo+json")


@router.put("/map", openapi_extra=describe.CHANGE_MAP)
async def change_map(request: Request) -> Response:
    """Take a GeoJSON file as the map, or with `dry_run` only say what it would be."""
    with refusing():
        single = {"dry_run": truth, "file_name": plain_text, "why": plain_text}
        values, _ = read_parameters(request, single)
    body = await read_body(request, MAP_BYTES_MAX, offers=describe.MEDIA_TYPES)
    return await run_in_threadpool(_change_map, request, body.data, values)


@lru_cache(maxsize=_MAPS_KEPT)
def _read_before(content: bytes) -> PlaceMap:
    """Read a map that has been taken; one with many places takes seconds, so not for each asker."""
    return read_map(content)


def _change_map(request: Request, content: bytes, values: dict[str, object]) -> Response:
    services, actor = services_of(request), actor_of(request)
    with refusing():
        if values.get("dry_run"):
            read = read_map(content)
        else:
            read = set_map(
                services.database,
                actor,
                content,
                file_name=cast("str", values.get("file_name") or _FILE_NAME),
                why=cast("str", values.get("why", "")),
            )
    return _json(_compared(services, actor.tenant_id, read))


def _compared(services: Services, tenant_id: int, read: PlaceMap) -> dict[str, Any]:
    compared = compare_map(services.database, tenant_id, read)
    with services.database.tenant(tenant_id, read_only=True) as connection:
        titles = titles_of(connection, tenant_id, [*compared.known, *compared.missing])
    told: dict[str, Any] = msgspec.to_builtins(compared)
    return {"map": read, "names": names_in(titles)} | told


@router.delete("/map", status_code=204, openapi_extra=describe.REMOVE_MAP)
def take_map_away(request: Request) -> Response:
    """Take the map away; places are drawn as a plain line of stops again."""
    with refusing():
        values, _ = read_parameters(request, {"why": plain_text})
        why = cast("str", values.get("why", ""))
        remove_map(services_of(request).database, actor_of(request), why=why)
    return Response(status_code=204)


def _json(value: Any, headers: dict[str, str] | None = None) -> Response:
    return Response(
        msgspec.json.encode(value),
        headers=headers or {"Cache-Control": "no-store"},
        media_type="application/json",
    )
