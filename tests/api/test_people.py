"""People look after themselves, a plant makes roles of its own, and the journal proves itself."""

from __future__ import annotations

import base64
import csv
import io
import time
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from suyuan.account import RoleGrant
from suyuan.account._totp import totp_code
from tests.api.conftest import make_server
from tests.api.documents import document, object_event
from tests.api.people import PASSWORD, make_user, session_of, signed_in

NEW = "two cows jump over the moon"
OWN = "(417)9521001000017"


@pytest.fixture(scope="module")
def admin(server):
    token = make_user(server, "admin", RoleGrant(role="administrator"))
    return signed_in(server, token)


@pytest.fixture
def person(server, request):
    """Give somebody of their own to each test, by the name of the test."""
    name = request.node.name[:60].replace("[", "-").replace("]", "")
    return name, signed_in(server, make_user(server, name, RoleGrant(role="operator")))


def sign_in(server, name, password=PASSWORD, code=""):
    with httpx.Client(base_url=server.client.base_url) as browser:
        body = {"name": name, "password": password, "code": code}
        return browser.post("/api/session", json=body, headers={"User-Agent": "Lynx/2"})


def code_of(secret: str, step: int = 0) -> str:
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    return totp_code(key, int(time.time()) // 30 + step)


def test_a_password_is_changed_by_who_knows_the_old_one_and_ends_other_sessions(server, person):
    name, client = person
    other = signed_in(server, sign_in(server, name).cookies["suyuan_session"])
    wrong = client.put("/api/profile/password", json={"password": "x", "new_password": NEW})
    assert (wrong.status_code, wrong.json()["code"]) == (403, "account.password_wrong")
    weak = client.put("/api/profile/password", json={"password": PASSWORD, "new_password": "x"})
    assert (weak.status_code, weak.json()["code"]) == (422, "account.password_weak")
    good = client.put("/api/profile/password", json={"password": PASSWORD, "new_password": NEW})
    assert good.status_code == 204
    assert client.get("/api/session").status_code == 200
    assert other.get("/api/session").status_code == 401
    assert sign_in(server, name).status_code == 401
    assert sign_in(server, name, NEW).status_code == 200


def test_passwords_can_not_be_tried_in_a_session_that_was_left_open(person):
    _, client = person
    for _ in range(10):
        client.post("/api/profile/totp", json={"password": "guess"})
    answer = client.post("/api/profile/totp", json={"password": PASSWORD})
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) >= 1


def test_a_phone_is_set_up_asked_for_and_replaced_by_recovery_codes(server, person):
    name, client = person
    begun = client.post("/api/profile/totp", json={"password": PASSWORD}).json()
    assert begun["uri"].startswith("otpauth://totp/Suyuan:")
    assert begun["picture"].startswith("<svg")
    assert sign_in(server, name).status_code == 200  # Not before a code has proved it.
    wrong = client.put("/api/profile/totp", json={"code": "000000"})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "account.code_wrong")
    done = client.put("/api/profile/totp", json={"code": code_of(begun["secret"])})
    codes = done.json()["recovery_codes"]
    assert len(set(codes)) == 10
    assert sign_in(server, name).json()["code"] == "account.code_missing"
    used = sign_in(server, name, code=code_of(begun["secret"]))
    assert used.status_code == 401, "the code that proved the phone opens nothing more"
    assert sign_in(server, name, code=codes[0].upper()).status_code == 200
    assert sign_in(server, name, code=codes[0]).status_code == 401
    assert client.get("/api/profile").json()["recovery_codes"] == 9
    fresh = client.post("/api/profile/recovery_codes", json={"password": PASSWORD}).json()
    assert sign_in(server, name, code=codes[1]).status_code == 401
    assert sign_in(server, name, code=fresh["recovery_codes"][1]).status_code == 200
    gone = client.request("DELETE", "/api/profile/totp", json={"password": PASSWORD})
    assert gone.status_code == 204
    assert sign_in(server, name).status_code == 200


def test_an_administrator_removes_the_phone_of_who_has_lost_it_and_the_trail_tells(
    server, admin, person
):
    name, client = person
    begun = client.post("/api/profile/totp", json={"password": PASSWORD}).json()
    client.put("/api/profile/totp", json={"code": code_of(begun["secret"])})
    address = f"/api/users/{session_of(client)['user']}/totp"
    assert admin.delete(address, params={"why": "lost it"}).status_code == 204
    entry = admin.get("/api/audit").json()["entries"][0]
    assert (entry["action"], entry["why"]) == ("user.totp", "lost it")
    assert (entry["before"], entry["after"]) == ({"has_totp": True}, {"has_totp": False})
    assert sign_in(server, name).status_code == 200
    assert admin.delete(address).json()["code"] == "account.totp_missing"


def test_sessions_are_listed_and_ended_one_by_one_or_all_others(server, person):
    name, client = person
    others = [signed_in(server, sign_in(server, name).cookies["suyuan_session"]) for _ in range(3)]
    listed = client.get("/api/profile/sessions").json()["sessions"]
    assert [one["is_present"] for one in listed].count(True) == 1
    assert {one["browser"] for one in listed if not one["is_present"]} >= {"Lynx/2"}
    foreign = client.delete("/api/profile/sessions/none")
    assert (foreign.status_code, foreign.json()["code"]) == (404, "account.session_unknown")
    mine = {one["session"] for one in others[0].get("/api/profile/sessions").json()["sessions"]}
    assert mine == {one["session"] for one in listed}
    (first,) = [
        one["session"]
        for one in others[0].get("/api/profile/sessions").json()["sessions"]
        if one["is_present"]
    ]
    assert client.delete(f"/api/profile/sessions/{first}").status_code == 204
    assert [one.get("/api/session").status_code for one in others] == [401, 200, 200]
    assert client.delete("/api/profile/sessions").status_code == 204
    assert [one.get("/api/session").status_code for one in others] == [401, 401, 401]
    assert client.get("/api/session").status_code == 200


def test_a_role_of_the_plants_own_opens_what_it_says_and_no_more(server, admin, person):
    _, client = person
    names = {"en": "night shift", "zh": "夜班"}
    made = admin.post("/api/roles", json={"names": names, "permissions": ["trace.read"]})
    assert made.status_code == 201, made.text
    role = made.json()["role"]
    address = f"/api/users/{session_of(client)['user']}"
    admin.patch(address, json={"roles": [{"role": role}]})
    assert session_of(client)["permissions"] == ["trace.read"]
    assert client.get("/epcis/events").status_code == 403
    wider = {"names": names, "permissions": ["trace.read", "event.read"], "why": "they must see"}
    assert admin.put(f"/api/roles/{role}", json=wider).status_code == 200
    assert client.get("/epcis/events").status_code == 200
    entry = admin.get("/api/audit").json()["entries"][0]
    assert (entry["action"], entry["before"]) == ("role.change", {"permissions": ["trace.read"]})
    held = admin.delete(f"/api/roles/{role}")
    assert (held.status_code, held.json()["code"]) == (409, "account.role_held")
    admin.patch(address, json={"roles": []})
    assert admin.delete(f"/api/roles/{role}").status_code == 204
    assert admin.delete("/api/roles/viewer").status_code == 404


def test_nobody_makes_a_role_that_opens_more_than_they_may(server, admin, person):
    _, client = person
    wanted = {"names": {"en": "office"}, "permissions": ["account.manage", "event.read"]}
    office = admin.post("/api/roles", json=wanted).json()["role"]
    grants = {"roles": [{"role": office}]}
    admin.patch(f"/api/users/{session_of(client)['user']}", json=grants)
    wide = {"names": {"en": "boss"}, "permissions": ["audit.read"]}
    refused = client.post("/api/roles", json=wide)
    assert (refused.status_code, refused.json()["code"]) == (403, "account.grant_too_wide")
    assert client.post("/api/roles", json=wanted).status_code == 201
    unknown = client.post("/api/roles", json={"names": {"en": "x"}, "permissions": ["fly"]})
    assert unknown.json()["code"] == "account.permission_unknown"
    nameless = client.post("/api/roles", json={"names": {}, "permissions": []})
    assert nameless.json()["code"] == "account.text_wrong"


def test_a_role_that_has_ended_opens_nothing_and_says_when_it_did(server, admin):
    until = datetime.now(UTC) + timedelta(days=2)
    grant = RoleGrant(role="regulator", expires=until)
    client = signed_in(server, make_user(server, "watch", grant))
    session = session_of(client)
    assert datetime.fromisoformat(session["access_end"]) == until
    assert client.get("/epcis/events").status_code == 200
    with server.database.owner() as connection:
        connection.execute("UPDATE account.user_role SET expires = now() WHERE role = 'regulator'")
    assert client.get("/epcis/events").status_code == 403
    ended = session_of(client)
    assert ended["permissions"] == []
    assert datetime.fromisoformat(ended["access_end"]) <= datetime.now(UTC)


def test_the_trail_is_taken_away_as_tables_that_run_no_formula(server, admin):
    admin.post("/api/users", json={"name": "=1+1", "full_name": "=cmd()", "why": "=HYPERLINK(1)"})
    table = admin.get("/api/audit", params={"format": "csv", "action": "user.add"})
    rows = list(csv.DictReader(io.StringIO(table.content.decode("utf-8-sig"))))
    assert rows[0]["why"] == "'=HYPERLINK(1)"
    assert {one["action"] for one in rows} == {"user.add"}
    book = admin.get("/api/audit", params={"format": "xlsx"})
    assert book.content.startswith(b"PK")
    choices = admin.get("/api/audit/choices").json()
    assert {"action": "user.add"} in choices["actions"]
    assert choices["roles"]["operator"]["zh"] == "操作工"
    assert choices["permissions"]["trace.read"]["en"]
    assert "admin" in {one["name"] for one in choices["actors"]}


def test_the_plant_is_named_by_who_may_and_seen_by_all(server, admin, person):
    _, client = person
    assert client.put("/api/plant", json={"title": "x"}).status_code == 403
    assert admin.put("/api/plant", json={"title": "Heron Creek"}).status_code == 200
    assert session_of(client)["plant"] == "Heron Creek"
    shown = admin.get("/api/server").json()
    assert "SUYUAN_DATA" in {one["variable"] for one in shown["settings"]}
    assert client.get("/api/server").status_code == 403
    assert client.get("/api/about").json()["licence"] == "Apache-2.0"


def wait_for(ask, is_over):
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        found = ask()
        if is_over(found):
            return found
        time.sleep(0.05)
    raise AssertionError(found)


def test_the_journal_is_verified_beside_the_work_and_the_result_is_kept(server, admin):
    server.capture(document(object_event(epcList=["https://id.gs1.org/01/09506000134352/21/J1"])))
    told = admin.get("/api/journal").json()
    assert told["position"] >= 1
    assert sum(day["entries"] for day in told["growth"]) == told["position"]
    begun = admin.post("/api/journal/verifications")
    assert begun.status_code == 202
    address = f"/api/journal/verifications/{begun.json()['verification']}"
    done = wait_for(lambda: admin.get(address).json(), lambda one: one["state"] != "running")
    assert (done["state"], done["problems"]) == ("sound", 0)
    assert done["report"]["entries"] == told["position"]
    assert admin.get("/api/audit").json()["entries"][0]["action"] == "journal.verify"


def test_one_journal_is_verified_once_at_a_time_and_can_be_stopped(server, admin):
    with server.database.tenant(server.tenant_id) as connection:
        connection.execute(
            "INSERT INTO journal.verification (tenant_id, verification_id, actor_name, total) "
            "VALUES (%s, 'other', 'another server', 9)",
            (server.tenant_id,),
        )
    second = admin.post("/api/journal/verifications")
    assert (second.status_code, second.json()["code"]) == (409, "api.verification_running")
    assert admin.delete("/api/journal/verifications/other").status_code == 204
    assert admin.delete("/api/journal/verifications/none").status_code == 404
    with server.database.owner() as connection:
        connection.execute("UPDATE journal.verification SET seen = now() - interval '3 minutes'")
    newest = admin.get("/api/journal/verifications").json()["verifications"]
    assert {one["verification"]: one["state"] for one in newest}["other"] == "cut_off"


def test_a_broken_entry_is_named_by_the_verification(fresh_server):
    event = object_event(epcList=["https://id.gs1.org/01/09506000134352/21/B1"])
    fresh_server.capture(document(event))
    with fresh_server.database.owner() as connection:
        connection.execute("UPDATE journal.event SET disposition = 'recalled'")
    client = fresh_server.client
    begun = client.post("/api/journal/verifications").json()["verification"]
    address = f"/api/journal/verifications/{begun}"
    done = wait_for(lambda: client.get(address).json(), lambda one: one["state"] != "running")
    assert done["state"] == "broken"
    assert done["errors"][0]["code"] == "journal.entry_broken"


@pytest.fixture
def keeping_server(embedded_databases, tmp_path):
    """Give a server with a data folder of its own."""
    yield from make_server(embedded_databases(), data=tmp_path)


def test_a_backup_is_made_beside_the_work_and_listed(keeping_server, tmp_path):
    client = keeping_server.client
    assert client.get("/api/backups").json()["backups"] == []
    assert client.post("/api/backups").status_code == 202
    done = wait_for(lambda: client.get("/api/backups").json(), lambda one: not one["running"])
    assert done["errors"] == []
    (made,) = done["backups"]
    assert made["is_there"]
    assert made["bytes"] > 1_000
    assert made["file"] in done["restore"]
    assert made["file"].startswith(str(tmp_path / "backups"))


def test_a_plant_says_which_parties_are_its_own_and_hears_all_that_is_wrong(admin):
    wrong = admin.put("/api/plant", json={"parties": ["(01)09506000134352", "(417)1", OWN]})
    assert wrong.status_code == 422
    assert {one["code"] for one in wrong.json()["errors"]} >= {"account.party_expected"}
    assert len(wrong.json()["errors"]) == 2
    said = admin.put("/api/plant", json={"parties": [OWN, OWN], "why": "own"}).json()
    assert said["parties"] == admin.get("/api/plant").json()["parties"]
    assert said["parties"] == ["https://id.gs1.org/417/9521001000017"]
    assert admin.put("/api/plant", json={"title": "Heron"}).json()["parties"] == said["parties"]
    audit = admin.get("/api/audit", params={"action": "plant.parties"}).json()
    assert audit["entries"][0]["after"] == {"parties": said["parties"]}
    assert admin.put("/api/plant", json={"parties": [OWN] * 201}).status_code == 422
