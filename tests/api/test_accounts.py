"""People sign in by page and by API, and only pages of ours change anything in their name."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from suyuan.account import RoleGrant, make_api_key, make_demo_link, make_first_link
from tests.api.people import PASSWORD, make_user, session_of, signed_in

ADMINISTRATOR = RoleGrant(role="administrator")


@pytest.fixture(scope="module")
def people(server):
    """Give the clients of an administrator and of an operator."""
    return {
        "admin": signed_in(server, make_user(server, "admin", ADMINISTRATOR)),
        "operator": signed_in(server, make_user(server, "operator", RoleGrant(role="operator"))),
    }


@pytest.fixture
def browser(server):
    with httpx.Client(base_url=server.client.base_url) as client:
        yield client


def form_token(page: httpx.Response) -> str:
    found = re.search(r"name='form' value='([^']+)'", page.text)
    assert found is not None
    return found[1]


def test_signing_in_gives_the_session_and_a_cookie_that_scripts_cannot_read(
    server, people, browser
):
    answer = browser.post("/api/session", json={"name": "operator", "password": PASSWORD})
    assert answer.status_code == 200
    cookie = answer.headers["set-cookie"]
    assert re.match(r"suyuan_session=[\w-]{43}; HttpOnly; ", cookie)
    assert "Path=/" in cookie
    assert "SameSite=lax" in cookie
    assert "Secure" not in cookie
    body = answer.json()
    assert set(body) == {
        *("user", "name", "tenant", "language", "roles", "permissions", "csrf"),
        *("plant", "access_end"),
    }
    assert body["permissions"] == ["event.capture", "event.read", "trace.read"]
    assert session_of(browser) == body


def test_the_cookie_is_secure_where_the_connection_is(server, people, browser):
    answer = browser.post(
        "/api/session",
        json={"name": "operator", "password": PASSWORD},
        headers={"X-Forwarded-Proto": "https"},
    )
    assert "; Secure" in answer.headers["set-cookie"]


@pytest.mark.parametrize("name", ["operator", "nobody"])
def test_a_refused_sign_in_says_the_same_of_everybody(server, people, browser, name):
    answer = browser.post("/api/session", json={"name": name, "password": "wrong"})
    assert answer.status_code == 401
    assert answer.json()["code"] == "account.sign_in_refused"
    assert name not in answer.text
    assert "set-cookie" not in answer.headers


def test_too_many_failures_are_told_with_the_time_to_wait(server, browser):
    for _ in range(10):
        browser.post("/api/session", json={"name": "throttled", "password": "wrong"})
    answer = browser.post("/api/session", json={"name": "throttled", "password": "wrong"})
    assert answer.status_code == 429
    assert 1 <= int(answer.headers["Retry-After"]) <= 90


def test_signing_out_ends_the_session_for_all_who_have_its_cookie(server, people, browser):
    csrf = browser.post("/api/session", json={"name": "operator", "password": PASSWORD}).json()
    token = browser.cookies["suyuan_session"]
    assert (
        browser.delete("/api/session", headers={"X-Suyuan-CSRF": csrf["csrf"]}).status_code == 204
    )
    assert "suyuan_session" not in browser.cookies
    assert signed_in(server, token, has_csrf=False).get("/api/session").status_code == 401


def test_a_change_in_a_session_needs_its_own_token(server, people, browser):
    browser.post("/api/session", json={"name": "operator", "password": PASSWORD})
    other = session_of(people["admin"])["csrf"]
    for headers in ({}, {"X-Suyuan-CSRF": ""}, {"X-Suyuan-CSRF": other}):
        answer = browser.patch("/api/session", json={"language": "en"}, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (403, "api.csrf_wrong")
    own = {"X-Suyuan-CSRF": session_of(browser)["csrf"]}
    changed = browser.patch("/api/session", json={"language": "en"}, headers=own)
    assert changed.json()["language"] == "en"


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "http://127.0.0.1.evil.example"]
)
def test_a_change_from_another_origin_is_refused(people, origin):
    answer = people["operator"].patch(
        "/api/session", json={"language": "en"}, headers={"Origin": origin}
    )
    assert (answer.status_code, answer.json()["code"]) == (403, "api.origin_foreign")


def test_a_change_from_our_own_origin_is_taken(server, people):
    own = str(server.client.base_url).rstrip("/")
    answer = people["operator"].patch(
        "/api/session", json={"language": "zh"}, headers={"Origin": own}
    )
    assert answer.status_code == 200


def test_another_site_cannot_sign_anybody_in(browser, people):
    body = {"name": "operator", "password": PASSWORD}
    foreign = browser.post("/api/session", json=body, headers={"Origin": "https://evil.example"})
    assert foreign.status_code == 403
    as_text = browser.post(
        "/api/session",
        content=foreign.request.content,
        headers={"Content-Type": "text/plain"},
    )
    assert as_text.status_code == 415


def test_a_page_is_not_asked_for_a_password_by_the_browser_itself(browser):
    script = browser.get("/api/session", headers={"Sec-Fetch-Mode": "cors"})
    assert script.headers["www-authenticate"] == 'Bearer realm="suyuan"'
    assert "Basic" in browser.get("/epcis/events").headers["www-authenticate"]


def test_the_sign_in_page_works_without_script_in_both_languages(browser, people):
    page = browser.get("/sign_in", headers={"Accept-Language": "zh-CN"})
    assert "<html lang='zh-CN'>" in page.text
    assert "登录名" in page.text
    assert "<script" not in page.text
    assert "登录名" not in browser.get("/sign_in?lang=en").text
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "form-action 'self'" in policy
    assert page.headers["Referrer-Policy"] == "same-origin"
    fields = {"form": form_token(page), "name": "operator", "password": PASSWORD}
    wrong = browser.post("/sign_in", data=fields | {"password": "wrong"})
    assert wrong.status_code == 401
    assert "value='operator'" in wrong.text
    assert "wrong" not in wrong.text.replace("name, password or code is wrong", "")
    entered = browser.post("/sign_in", data=fields)
    assert (entered.status_code, entered.headers["location"]) == (303, "/")
    assert session_of(browser)["name"] == "operator"


def test_a_form_without_the_token_of_its_page_signs_nobody_in(browser, people):
    fields = {"name": "operator", "password": PASSWORD}
    assert browser.post("/sign_in", data=fields).status_code == 403
    browser.get("/sign_in")
    assert browser.post("/sign_in", data=fields | {"form": "guessed"}).status_code == 403
    assert "suyuan_session" not in browser.cookies


def test_what_was_typed_into_a_form_is_shown_as_text(browser):
    fields = {"form": form_token(browser.get("/sign_in")), "name": "'><script>", "password": "x"}
    page = browser.post("/sign_in", data=fields)
    assert "value='&#x27;&gt;&lt;script&gt;'" in page.text


def test_looking_at_a_link_uses_nothing_up_and_its_form_signs_in(server, people, browser):
    made = people["admin"].post("/api/users", json={"name": "wang", "roles": [{"role": "viewer"}]})
    assert made.status_code == 201, made.text
    link = made.json()["invitation"]["link"]
    assert link.startswith(str(server.client.base_url))
    for _ in range(3):
        page = browser.get(link, headers={"Accept-Language": "en"})
        assert "Choose a password for your account wang" in page.text
    fields = {"form": form_token(page), "password": "short"}
    assert browser.post(link, data=fields).status_code == 422
    assert browser.post(link, data=fields | {"password": PASSWORD}).status_code == 303
    assert session_of(browser)["roles"] == ["viewer"]
    assert browser.get(link).status_code == 404
    assert browser.post(link, data=fields | {"password": PASSWORD}).status_code == 404


def test_the_first_start_makes_an_administrator_in_the_browser(fresh_server):
    link = make_first_link(fresh_server.database, fresh_server.tenant_id)
    assert link is not None
    with httpx.Client(base_url=fresh_server.client.base_url) as browser:
        page = browser.get(link.path)
        fields = {"form": form_token(page), "name": "boss", "password": PASSWORD}
        assert browser.post(link.path, data=fields).status_code == 303
        assert "account.manage" in session_of(browser)["permissions"]


def test_the_link_of_a_demo_signs_in_by_one_button(fresh_server):
    link = make_demo_link(fresh_server.database, fresh_server.tenant_id, "en")
    assert link is not None
    with httpx.Client(base_url=fresh_server.client.base_url) as browser:
        page = browser.get(link.path)
        assert "type='password'" not in page.text
        assert browser.post(link.path, data={"form": form_token(page)}).status_code == 303
        assert session_of(browser)["roles"] == ["administrator"]


def test_users_are_made_changed_and_disabled_and_the_trail_tells(people):
    admin = people["admin"]
    until = (datetime.now(UTC) + timedelta(days=30)).isoformat()
    regulator = {"role": "regulator", "expires": until}
    made = admin.post(
        "/api/users", json={"name": "inspector.zhao", "roles": [regulator], "why": "audit 7"}
    ).json()["user"]
    address = f"/api/users/{made['user']}"
    changed = admin.patch(address, json={"roles": [{"role": "viewer"}], "why": "less is enough"})
    assert changed.json()["roles"] == [{"role": "viewer", "expires": None}]
    assert admin.patch(address, json={"disabled": True}).json()["disabled"]
    subject = f"user:{made['user']}"
    entries = admin.get("/api/audit", params={"subject": subject}).json()["entries"]
    assert [one["action"] for one in entries] == [
        *("user.change", "user.change", "user.link", "user.add")
    ]
    less = entries[1]
    assert less["why"] == "less is enough"
    assert less["actor"] == f"user:{session_of(admin)['user']}"
    assert less["address"] == "127.0.0.1"
    assert list(less["before"]["roles"]) == ["regulator"]
    assert less["after"]["roles"] == {"viewer": None}


def test_pages_of_the_trail_follow_each_other_without_gap(people):
    admin, seen, before = people["admin"], [], None
    admin.patch("/api/session", json={"language": "en"})
    while True:
        parameters = {"limit": 2} | ({"before": before} if before else {})
        page = admin.get("/api/audit", params=parameters).json()
        seen += [one["entry_id"] for one in page["entries"]]
        before = page["next"]
        if before is None:
            break
    everything = admin.get("/api/audit", params={"limit": 1000}).json()["entries"]
    assert seen == [one["entry_id"] for one in everything]
    assert len(seen) > 3


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"name": "a b"}, 422, "account.name_wrong"),
        ({"name": "OPERATOR"}, 409, "account.name_taken"),
        ({"name": "x", "roles": [{"role": "king"}]}, 422, "account.role_unknown"),
        ({"name": "x", "roles": [{"role": "regulator"}]}, 422, "account.role_endless"),
        ({"name": "x", "full_name": "a\x00b"}, 422, "account.text_wrong"),
        ({"name": "x", "surname": "y"}, 400, "api.body_wrong"),
        ({}, 400, "api.body_wrong"),
    ],
)
def test_a_wrong_user_is_refused_with_what_is_wrong(people, body, status, code):
    answer = people["admin"].post("/api/users", json=body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_the_last_administrator_can_be_neither_disabled_nor_demoted(fresh_server):
    admin = signed_in(fresh_server, make_user(fresh_server, "admin", ADMINISTRATOR))
    address = f"/api/users/{session_of(admin)['user']}"
    for body in ({"disabled": True}, {"roles": []}):
        answer = admin.patch(address, json=body)
        assert (answer.status_code, answer.json()["code"]) == (409, "account.administrator_last")
    make_user(fresh_server, "second", ADMINISTRATOR)
    assert admin.patch(address, json={"roles": []}).status_code == 200


def test_a_key_with_a_scope_opens_that_and_nothing_else(server, people, browser):
    made = people["admin"].post(
        "/api/api_keys", json={"name": "line 2", "permissions": ["event.read"], "why": "line"}
    )
    assert made.status_code == 201
    browser.headers["Authorization"] = f"Bearer {made.json()['secret']}"
    assert browser.get("/epcis/events").status_code == 200
    refused = browser.get("/api/trace_back", params={"code": "x"})
    assert (refused.status_code, refused.json()["code"]) == (403, "api.permission_missing")
    listed = people["admin"].get("/api/api_keys").json()["api_keys"]
    key = next(one for one in listed if one["name"] == "line 2")
    assert key["permissions"] == ["event.read"]
    assert "secret" not in key
    gone = people["admin"].delete(f"/api/api_keys/{key['api_key']}", params={"why": "lost"})
    assert gone.status_code == 204
    entry = people["admin"].get("/api/audit").json()["entries"][0]
    assert (entry["action"], entry["why"]) == ("api_key.revoke", "lost")


def test_nobody_gives_more_than_they_have(server, browser):
    scope = ["account.manage", "event.read"]
    key = make_api_key(server.database, server.tenant_id, name="narrow", scope=scope)
    browser.headers["Authorization"] = f"Bearer {key.secret}"
    wider = [
        browser.post("/api/api_keys", json={"name": "all"}),
        browser.post("/api/api_keys", json={"name": "x", "permissions": ["audit.read"]}),
        browser.post("/api/users", json={"name": "x", "roles": [{"role": "administrator"}]}),
    ]
    assert [(one.status_code, one.json()["code"]) for one in wider] == [
        (403, "account.grant_too_wide")
    ] * 3
    same = browser.post("/api/api_keys", json={"name": "same", "permissions": scope})
    assert same.status_code == 201


def test_nobody_gets_a_link_for_or_changes_somebody_who_may_do_more(server, people, browser):
    scope = ["account.manage"]
    key = make_api_key(server.database, server.tenant_id, name="office", scope=scope)
    browser.headers["Authorization"] = f"Bearer {key.secret}"
    address = f"/api/users/{session_of(people['admin'])['user']}"
    for answer in (
        browser.post(f"{address}/link"),
        browser.patch(address, json={"disabled": True}),
    ):
        assert (answer.status_code, answer.json()["code"]) == (403, "account.grant_too_wide")


def test_a_key_that_was_made_before_scopes_opens_everything(server):
    assert server.client.get("/api/users").status_code == 200
    assert server.client.get("/metrics").status_code == 200
    assert server.client.get("/api/session").status_code == 401


def test_the_secret_of_a_link_is_not_written_to_the_log(server, browser, capsys):
    from suyuan.api._gate import _Passage

    passage = _Passage({"method": "GET", "path": "/enter/secret"}, None, 0.0)  # type: ignore[arg-type]
    assert "secret" not in passage.shown_path()
