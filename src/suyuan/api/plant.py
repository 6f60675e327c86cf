"""`/api/plant`, `/api/server`: settings of a plant, and what is set for the whole server. 设置"""

from __future__ import annotations

import platform
import re
from pathlib import Path
from typing import Any

import msgspec
from fastapi import Request
from starlette.responses import Response

from suyuan import __version__
from suyuan.account import own_parties, plant_title, set_own_parties, set_plant_title
from suyuan.api import _openapi_people as describe
from suyuan.api._body import JsonBody, read_json
from suyuan.api._parameters import refusing
from suyuan.api._router import Router
from suyuan.api._services import actor_of, caller_of, services_of
from suyuan.settings import Settings
from suyuan.trace import list_expected_losses

__all__ = ["router"]

router = Router(prefix="/api", tags=["Settings"])
_LICENCE = "Apache-2.0"
_PASSWORD = re.compile(r"(?<=:)[^:@/]+(?=@)|(?<=password=)\S+")


class _Plant(msgspec.Struct, forbid_unknown_fields=True):
    title: str | None = None
    parties: list[str] | None = None
    why: str = ""


@router.get("/plant", openapi_extra=describe.PLANT)
def give_plant(request: Request) -> Response:
    """Give what the plant is called, and which parties and sites are its own."""
    return _json(_plant(request))


@router.put("/plant", openapi_extra=describe.CHANGE_PLANT)
def change_plant(request: Request, body: JsonBody) -> Response:
    """Call the plant by another name, or say which parties are its own; both, where given."""
    wanted, database = read_json(body, _Plant), services_of(request).database
    with refusing():
        if wanted.parties is not None:
            set_own_parties(database, actor_of(request), wanted.parties, why=wanted.why)
        if wanted.title is not None:
            set_plant_title(database, actor_of(request), wanted.title, why=wanted.why)
    return _json(_plant(request))


def _plant(request: Request) -> dict[str, object]:
    database, tenant_id = services_of(request).database, _tenant(request)
    return {
        "title": plant_title(database, tenant_id),
        "parties": own_parties(database, tenant_id),
    }


@router.get("/expected_losses", openapi_extra=describe.EXPECTED_LOSSES)
def give_expected_losses(request: Request) -> Response:
    """Give every product for which an expected loss is set."""
    return _json(
        {"products": list_expected_losses(services_of(request).database, _tenant(request))}
    )


@router.get("/about", openapi_extra=describe.ABOUT)
def give_about() -> Response:
    """Give the version of this server and its licence."""
    return _json({"version": __version__, "licence": _LICENCE})


@router.get("/server", openapi_extra=describe.SERVER)
def give_server(request: Request) -> Response:
    """Give what is set for the whole server, passwords left out."""
    services = services_of(request)
    with services.database.tenant(_tenant(request), read_only=True) as connection:
        version = connection.info.server_version
    return _json(
        {
            "version": __version__,
            "python": platform.python_version(),
            "postgresql": f"{version // 10_000}.{version % 10_000}",
            "settings": [
                {
                    "name": name,
                    "variable": f"SUYUAN_{name.upper()}",
                    "value": _shown(getattr(services.settings, name)),
                    "is_default": getattr(services.settings, name) == field.default,
                    "description": field.description or "",
                }
                for name, field in Settings.model_fields.items()
            ],
        }
    )


def _shown(value: object) -> object:
    if isinstance(value, Path):
        return str(value)
    return _PASSWORD.sub("…", value) if isinstance(value, str) else value


def _tenant(request: Request) -> int:
    return caller_of(request).tenant_id


def _json(value: Any) -> Response:
    return Response(
        msgspec.json.encode(value),
        headers={"Cache-Control": "no-store"},
        media_type="application/json",
    )
