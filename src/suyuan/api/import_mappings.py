"""`/api/import_fields`, `/api/import_mappings`: what columns may mean, and mappings kept. 映射"""

from __future__ import annotations

from typing import Any

import msgspec
from fastapi import Request
from starlette.responses import Response

from suyuan.api import _openapi_imports as describe
from suyuan.api._body import JsonBody, read_json
from suyuan.api._imports import answering, as_json, tenant_of
from suyuan.api._request import path_value
from suyuan.api._router import Router
from suyuan.api._services import actor_of, services_of
from suyuan.importing import (
    Mapping,
    SavedMapping,
    fields,
    find_mapping,
    list_mappings,
    remove_mapping,
    save_mapping,
    templates,
)

__all__ = ["router"]

router = Router(prefix="/api", tags=["Import"])


class _Named(msgspec.Struct, forbid_unknown_fields=True):
    mapping: Mapping
    why: str = ""


@router.get("/import_fields", openapi_extra=describe.FIELDS)
def give_fields() -> Response:
    """Give what a row may mean and what a column may hold, in both languages."""
    return as_json(
        {
            "templates": [
                {
                    "template": one.code,
                    "names": one.names,
                    "texts": one.texts,
                    "fields": one.fields,
                    "required": sorted(one.required),
                    "business_step": one.business_step,
                    "disposition": one.disposition,
                    "is_master_data": one.event == "master_data",
                }
                for one in templates().values()
            ],
            "fields": [
                {"field": one.code, "names": one.names, "hints": one.hints, "kind": one.kind}
                for one in fields().values()
            ],
        }
    )


@router.get("/import_mappings", openapi_extra=describe.MAPPINGS)
def give_mappings(request: Request) -> Response:
    """Give all saved mappings by name."""
    found = list_mappings(services_of(request).database, tenant_of(request))
    return as_json({"mappings": [_shown_mapping(one) for one in found]})


@router.get("/import_mappings/{name}", openapi_extra=describe.MAPPING)
def give_mapping(request: Request) -> Response:
    """Give a saved mapping."""
    name = path_value(request, "name")
    with answering():
        found = find_mapping(services_of(request).database, tenant_of(request), name)
    return as_json(_shown_mapping(found))


@router.put("/import_mappings/{name}", openapi_extra=describe.SAVE_MAPPING)
def keep_mapping(request: Request, body: JsonBody) -> Response:
    """Save a mapping under a name, for tables like the one it was made for."""
    wanted = read_json(body, _Named)
    name = path_value(request, "name")
    with answering():
        saved = save_mapping(
            services_of(request).database, actor_of(request), name, wanted.mapping, why=wanted.why
        )
    return as_json(_shown_mapping(saved))


@router.delete("/import_mappings/{name}", status_code=204, openapi_extra=describe.REMOVE_MAPPING)
def forget_mapping(request: Request) -> Response:
    """Remove a saved mapping."""
    name = path_value(request, "name")
    with answering():
        remove_mapping(services_of(request).database, actor_of(request), name)
    return Response(status_code=204)


def _shown_mapping(saved: SavedMapping) -> dict[str, Any]:
    return {
        "name": saved.name,
        "mapping": saved.mapping,
        "actor_name": saved.actor_name,
        "changed": saved.changed,
    }
