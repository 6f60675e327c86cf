"""Every route has its permission, and no route tells anybody what is not theirs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from starlette.routing import Match

from suyuan.account import RoleGrant, make_api_key, permissions, permissions_of
from suyuan.api import create_app
from suyuan.api._permissions import OPEN, ROUTES, SIGNED_IN, permission_of
from suyuan.api._router import GuardedRoute, WholePaths
from tests.api.conftest import Server, listening
from tests.api.documents import document, object_event
from tests.api.people import make_user, signed_in

# What is asked for, and what stands beside it in the record and is never asked for.
ASKED = "https://id.gs1.org/01/09506000134352/21/ASKED"
MARK = "LEAKS-7F3A"
SECRET = f"https://id.gs1.org/01/09506000134352/21/{MARK}"
BY_FRAMEWORK = {"GET /openapi.json"}  # What may be asked, not what is in a record.


def routes_of(app: Any) -> Iterator[tuple[str, str]]:
    """Give every route that an application answers at, included ones too."""
    ahead = list(app.routes)
    while ahead:
        route = ahead.pop()
        included = getattr(route, "effective_candidates", None)
        if included is not None:
            ahead += included()
            continue
        original = getattr(route, "original_route", route)
        for method in original.methods - {"HEAD"}:
            yield method, original.path


@pytest.fixture(scope="module")
def routes(server) -> list[tuple[str, str]]:
    found = sorted(set(routes_of(server.app)) - {("GET", "/openapi.json")})
    assert len(found) > 70
    return found


def test_every_route_stands_in_the_table(routes):
    missing = [f"{method} {path}" for method, path in routes if permission_of(method, path) is None]
    assert not missing, "add to suyuan.api._permissions: " + ", ".join(missing)


def test_every_route_of_the_description_is_one_that_was_walked(server, routes):
    described = {
        (method.upper(), path)
        for path, operations in server.app.openapi()["paths"].items()
        for method in operations
    }
    plain = {(method, re.sub(r":path\}", "}", path)) for method, path in routes}
    assert described <= plain


def test_every_permission_opens_something_and_every_route_asks_for_one_that_exists():
    asked = set(ROUTES.values()) - {OPEN, SIGNED_IN}
    assert asked == permissions().keys()


def test_a_route_that_stands_in_no_row_is_shut(server):
    app = create_app(server.database, server.settings)

    @app.get("/api/forgotten")
    def answer() -> str:
        return MARK

    with listening(app) as url:
        refused = httpx.get(f"{url}/api/forgotten", headers=dict(server.client.headers))
    assert refused.status_code == 403
    assert MARK not in refused.text


@pytest.fixture(scope="module")
def clients(server: Server) -> dict[str, httpx.Client]:
    """Give everybody who should see nothing of the record that holds the mark."""
    server.capture(document(object_event(epcList=[ASKED, SECRET])))
    other = server.database.make_tenant("other")
    every = RoleGrant(role="administrator")
    secret = make_api_key(server.database, other, name="other").secret
    made = {
        "nobody": httpx.Client(base_url=server.client.base_url),
        "another tenant's key": httpx.Client(
            base_url=server.client.base_url, headers={"Authorization": f"Bearer {secret}"}
        ),
        "another tenant's administrator": signed_in(
            server, make_user(server, "other", every, tenant_id=other)
        ),
        "a partner": signed_in(server, make_user(server, "partner", RoleGrant(role="partner"))),
        "an expired session": signed_in(server, make_user(server, "expired", every)),
        "a regulator past their time": signed_in(server, make_user(server, "past", every)),
        "a disabled user": signed_in(server, make_user(server, "disabled", every)),
    }
    with server.database.owner() as connection:
        for statement in (
            "UPDATE account.user_session SET expires = now() WHERE user_id = "
            "(SELECT user_id FROM account.user_account WHERE name = 'expired')",
            "UPDATE account.user_role SET role = 'regulator', expires = now() WHERE user_id = "
            "(SELECT user_id FROM account.user_account WHERE name = 'past')",
            "UPDATE account.user_account SET disabled = now() WHERE name = 'disabled'",
        ):
            connection.execute(statement.encode())
    return made


@pytest.fixture(scope="module")
def names(server: Server, clients: dict[str, httpx.Client]) -> dict[str, str]:
    """Give what stands for each part of a path: things of the first tenant's record."""
    assert clients  # The record was captured with them.
    return {
        "capture_id": server.client.get("/epcis/capture").json()[0]["captureID"],
        "event_id": server.events()[0]["eventID"],
        "epc": ASKED.replace("/", "%2F"),
        "business_step": "shipping",
        "tenant": "default",
    }


def ask(names: dict[str, str], client: httpx.Client, method: str, path: str) -> httpx.Response:
    """Ask a route for what is in the first tenant's record beside the mark."""
    filled = re.sub(r"\{(\w+)(:path)?\}", lambda found: names.get(found[1], "none"), path)
    body = {"json": {}} if method in ("POST", "PATCH", "PUT") else {}
    parameters = {"code": ASKED} if path.startswith("/api/") else {}
    if path == "/api/names":
        parameters = {"id": ASKED}
    elif path == "/api/search":
        parameters = {"text": ASKED[:-3]}
    elif path in _LISTS_OF_ALL:
        parameters = {}
    with client.stream(method, filled, params=parameters, **body) as answer:
        if not answer.headers.get("Content-Type", "").startswith("text/event-stream"):
            answer.read()
            return answer
        # It never ends by itself: what it says first is enough.
        first = next(answer.iter_text(), "")
        return httpx.Response(answer.status_code, headers=answer.headers, text=first)


_LISTS_OF_ALL = (
    *("/api/today", "/api/attention", "/api/on_hold", "/api/expired", "/api/captures"),
)
OTHERS = ("another tenant's key", "another tenant's administrator")
CLOSED = {
    "nobody": {401},
    "an expired session": {401},
    "a disabled user": {401},
    "a partner": {403},
    "a regulator past their time": {403},
}


@pytest.mark.parametrize("who", [*CLOSED, *OTHERS])
def test_no_route_tells_or_does_anything_for_who_has_no_business_there(routes, clients, names, who):
    for method, path in routes:
        needed = permission_of(method, path)
        if needed == OPEN or (method, path) == ("DELETE", "/api/session"):
            continue
        answer = ask(names, clients[who], method, path)
        said = f"{who}: {method} {path}: {answer.status_code} {answer.text[:300]}"
        if who in CLOSED:
            is_own = needed == SIGNED_IN and CLOSED[who] == {403}
            is_local = who == "nobody" and path == "/metrics"
            assert answer.status_code in CLOSED[who] or is_own or is_local, said
        assert MARK not in answer.text, said
        assert answer.headers.get("X-Suyuan-Position", "0") == "0", said
        assert answer.status_code < 500 or answer.status_code == 501, said


def test_the_mark_is_told_to_whom_it_belongs(server, routes, names):
    telling = {
        path
        for method, path in routes
        if method == "GET" and MARK in ask(names, server.client, method, path).text
    }
    assert {"/epcis/events", "/epcis/events/{event_id:path}", "/epcis/epcs"} <= telling
    assert "/epcis/epcs/{epc:path}/events" in telling


@pytest.mark.parametrize("who", OTHERS)
def test_another_tenant_finds_none_of_the_events_objects_and_jobs(server, clients, who):
    client = clients[who]
    capture = server.client.get("/epcis/capture").json()[0]["captureID"]
    assert client.get(f"/epcis/capture/{capture}").status_code == 404
    for path in ("/epcis/events", "/epcis/epcs"):
        mine, theirs = server.client.get(path), client.get(path)
        assert MARK in mine.text
        assert theirs.status_code == 200
        assert MARK not in theirs.text
    assert capture not in client.get("/epcis/capture").text
    users = client.get("/api/users").json()["users"]
    assert {one["name"] for one in users} <= {"other"}
    subjects = {one["actor_name"] for one in client.get("/api/audit").json()["entries"]}
    assert subjects <= {"test", "suyuan", "other"}


@pytest.mark.parametrize("role", ["viewer", "regulator", "operator", "quality_manager"])
def test_a_role_opens_the_routes_of_its_permissions_and_no_others(server, routes, names, role):
    until = datetime.now(UTC) + timedelta(days=1)
    grant = RoleGrant(role=role, expires=until)
    client = signed_in(server, make_user(server, f"role-{role}", grant))
    own = permissions_of([role])
    for method, path in routes:
        needed = permission_of(method, path)
        if needed in (OPEN, SIGNED_IN):
            continue
        answer = ask(names, client, method, path)
        is_let_in = answer.status_code != 403
        assert is_let_in == (needed in own), f"{role}: {method} {path}: {answer.status_code}"


@pytest.mark.parametrize("role", ["viewer", "regulator", "partner"])
def test_who_may_only_read_may_change_nothing(role):
    changing = {
        permission
        for route, permission in ROUTES.items()
        if not route.startswith("GET ") and "nextPageToken" not in route
    }
    changing.remove("journal.verify")  # Looks at everything, and changes nothing of it.
    assert not permissions_of([role]) & (changing - {SIGNED_IN, OPEN})


def test_a_path_without_parameters_leads_to_the_route_that_stands_first_for_it(server) -> None:
    front, *routes = server.app.router.routes
    assert isinstance(front, WholePaths)
    found = 0
    for route in routes:
        for method in getattr(route, "methods", None) or ():
            scope = {"type": "http", "path": route.path, "method": method, "headers": []}
            first = next(one for one in routes if one.matches(scope)[0] == Match.FULL)
            match, child = front.matches(scope)
            if match == Match.FULL:
                assert child["route"] is first
                found += 1
            else:
                assert "{" in route.path or not isinstance(first, GuardedRoute)
    assert found > len(routes) // 2
    for method, path in (("GET", "/nowhere"), ("DELETE", "/api/trace_back")):
        scope = {"type": "http", "path": path, "method": method, "headers": []}
        assert front.matches(scope) == (Match.NONE, {})
