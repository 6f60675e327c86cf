"""Which route needs which permission: the one table, and its check at every route. 接口权限

A route that stands in no row is shut to everybody, and a test fails.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from starlette.requests import Request

from suyuan.account import Caller
from suyuan.api._problem import refuse
from suyuan.api._services import caller_of

__all__ = ["OPEN", "ROUTES", "SIGNED_IN", "check_permission", "permission_of"]

OPEN = "open"
"""For strangers: the gate asks nothing."""
SIGNED_IN = "signed in"
"""For whoever has a key or a session, with any permissions or none."""

_RESOURCES = (
    ("eventTypes", "event_type"),
    ("epcs", "epc"),
    ("bizSteps", "business_step"),
    ("bizLocations", "business_location"),
    ("readPoints", "read_point"),
    ("dispositions", "disposition"),
)
_LISTS = tuple(
    f"GET /epcis/{name}{rest}"
    for name, variable in _RESOURCES
    for rest in ("", f"/{{{variable}:path}}", f"/{{{variable}:path}}/events")
)
_IMPORTS = (
    *("GET /api/imports", "POST /api/imports", "GET /api/import_fields"),
    *(f"{method} /api/imports/{{upload_id}}" for method in ("GET", "PATCH", "DELETE")),
    *(f"GET /api/imports/{{upload_id}}/{name}" for name in ("faults", "failed")),
    *(f"POST /api/imports/{{upload_id}}/{name}" for name in ("preview", "check", "run", "stop")),
    "PUT /api/imports/{upload_id}/cells",
    "GET /api/import_mappings",
    *(f"{method} /api/import_mappings/{{name}}" for method in ("GET", "PUT", "DELETE")),
)
_BY_PERMISSION: Mapping[str, tuple[str, ...]] = {
    OPEN: (
        "GET /",
        "GET /app",
        "GET /app/assets/{name}",
        "GET /app/{rest:path}",
        "GET /m",
        "GET /m/address.svg",
        "GET /m/static/{name}",
        "GET /m/sw.js",
        "GET /m/{rest:path}",
        "GET /healthz",
        "GET /readyz",
        "GET /sign_in",
        "GET /trust",
        "GET /trust/ca.crt",
        "POST /sign_in",
        "GET /enter/{token}",
        "POST /enter/{token}",
        "POST /api/session",
        "GET /log/{tenant}/checkpoint",
        "GET /log/{tenant}/key",
        "GET /log/{tenant}/tile/{path:path}",
        "GET /log/{tenant}/proof/inclusion",
        "GET /log/{tenant}/proof/consistency",
    ),
    SIGNED_IN: (
        "GET /api/session",
        "PATCH /api/session",
        "DELETE /api/session",
        "GET /api/code",
        "GET /api/demo",
        "GET /api/demo/labels",
        "GET /api/about",
        "GET /api/plant",
        "GET /api/profile",
        "PUT /api/profile/password",
        "POST /api/profile/totp",
        "PUT /api/profile/totp",
        "DELETE /api/profile/totp",
        "POST /api/profile/recovery_codes",
        "GET /api/profile/sessions",
        "DELETE /api/profile/sessions",
        "DELETE /api/profile/sessions/{session_id}",
    ),
    "event.read": (
        "GET /api/attachments/{sha256}",
        "GET /epcis",
        "GET /api/journal",
        "GET /epcis/",
        "GET /epcis/events",
        "GET /epcis/events/{event_id:path}",
        "GET /epcis/queries",
        "GET /epcis/queries/{query_name}",
        "GET /epcis/queries/{query_name}/events",
        "GET /epcis/queries/{query_name}/subscriptions",
        "GET /epcis/queries/{query_name}/subscriptions/{subscription_id}",
        "DELETE /epcis/nextPageToken/{token}",
        "GET /api/proof",
        "GET /api/events",
        "GET /api/event",
        "GET /api/codes",
        *_LISTS,
    ),
    "event.capture": (
        "GET /epcis/capture",
        "GET /epcis/capture/{capture_id}",
        "POST /epcis/capture",
        "POST /epcis/events",
        "PUT /api/attachments/{sha256}",
        "POST /api/check",
        "GET /api/captures",
        *_IMPORTS,
    ),
    "setting.change": (
        "PUT /api/expected_loss",
        "PUT /api/plant",
        "PUT /api/map",
        "DELETE /api/map",
    ),
    "event.correct": ("POST /api/corrections",),
    "query.manage": (
        "POST /epcis/queries",
        "DELETE /epcis/queries/{query_name}",
        "POST /epcis/queries/{query_name}/subscriptions",
        "DELETE /epcis/queries/{query_name}/subscriptions/{subscription_id}",
    ),
    "trace.read": (
        "GET /api/trace_back",
        "GET /api/track_forward",
        "GET /api/history",
        "GET /api/whereabouts",
        "GET /api/contents",
        "GET /api/common",
        "GET /api/compare",
        "GET /api/gaps",
        "GET /api/readiness",
        "GET /api/mass_balance",
        "GET /api/expected_loss",
        "GET /api/genealogy",
        "GET /api/expected_losses",
        "GET /api/stays",
        "GET /api/mentions",
        "GET /api/at_place",
        "GET /api/on_hold",
        "GET /api/expired",
        "GET /api/seen",
        "GET /api/object",
        "GET /api/names",
        "GET /api/mock_recall",
        "GET /api/live",
        "GET /api/search",
        "GET /api/today",
        "GET /api/attention",
        "GET /api/map",
        "GET /api/map/file",
    ),
    "account.manage": (
        "GET /api/users",
        "POST /api/users",
        "GET /api/users/{user_id}",
        "PATCH /api/users/{user_id}",
        "POST /api/users/{user_id}/link",
        "DELETE /api/users/{user_id}/totp",
        "GET /api/roles",
        "POST /api/roles",
        "PUT /api/roles/{role}",
        "DELETE /api/roles/{role}",
        "GET /api/api_keys",
        "POST /api/api_keys",
        "DELETE /api/api_keys/{api_key_id}",
    ),
    "journal.verify": (
        "GET /api/journal/verifications",
        "POST /api/journal/verifications",
        "GET /api/journal/verifications/{verification_id}",
        "DELETE /api/journal/verifications/{verification_id}",
    ),
    "operation.back_up": ("GET /api/backups", "POST /api/backups"),
    "audit.read": ("GET /api/audit", "GET /api/audit/choices"),
    "operation.read": ("GET /metrics", "GET /api/server"),
}


def _rows() -> Iterator[tuple[str, str]]:
    for permission, routes in _BY_PERMISSION.items():
        for route in routes:
            yield route, permission


ROUTES: Mapping[str, str] = dict(_rows())
"""Method and path of a route, and what it takes."""


def permission_of(method: str, path: str) -> str | None:
    """Give what a route takes; None when it stands in no row. To ask what can be done is free."""
    return SIGNED_IN if method == "OPTIONS" else ROUTES.get(f"{method} {path}")


def check_permission(request: Request) -> None:
    """Let a request through to its route, or refuse it with 403. Stands before every route."""
    path = str(getattr(request.scope.get("route"), "path", ""))
    needed = permission_of(request.method, path)
    if needed in (OPEN, SIGNED_IN):
        return
    caller: Caller | None = getattr(request.state, "caller", None)
    if caller is None and path == "/metrics":  # The gate lets this machine itself ask.
        return
    if needed is None or needed not in caller_of(request).permissions:
        raise refuse("Forbidden", "api.permission_missing", expected=needed or "?")
