"""People sign in with a password, and a code where they want one; nobody learns who exists."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

import psycopg
import pytest
from argon2 import Type, extract_parameters

from suyuan.account import (
    Actor,
    RoleGrant,
    SignIns,
    add_user,
    change_user,
    csrf_token,
    enter,
    find_link,
    find_session,
    list_audit,
    list_users,
    make_demo_link,
    make_first_link,
    make_link,
    make_totp_secret,
    set_password,
    set_totp,
    sign_out,
)
from suyuan.account._totp import totp_code, totp_step
from suyuan.errors import Denied, InvalidInput, NotFound, Refused

PASSWORD = "a cow jumps over the moon"


@pytest.fixture
def tenant_id(database) -> int:
    return int(database.make_tenant("default"))


@pytest.fixture
def actor(tenant_id) -> Actor:
    return Actor(tenant_id=tenant_id, actor="command_line:test", name="test")


@pytest.fixture
def user(database, actor) -> Any:
    made = add_user(database, actor, name="Li.Wei", grants=[RoleGrant(role="viewer")])
    set_password(database, actor, made.user_id, PASSWORD)
    return made


@pytest.fixture
def sign_ins(database) -> SignIns:
    return SignIns(database, clock=lambda: 0.0, wall_clock=lambda: 1_000_000.0)


def refusal(sign_ins: SignIns, name: str, password: str, code: str = "", address: str = "a") -> str:
    with pytest.raises(Denied) as refused:
        sign_ins.sign_in(name, password, code, address=address)
    return refused.value.code


def test_a_session_is_who_signed_in_with_what_their_roles_allow(
    database, sign_ins, user, tenant_id
):
    token = sign_ins.sign_in(" li.wei ", PASSWORD, address="10.0.0.9")
    session = find_session(database, token)
    assert session is not None
    assert (session.tenant_id, session.user_id) == (tenant_id, user.user_id)
    assert session.permissions == {"event.read", "trace.read"}


def test_neither_token_nor_password_is_in_the_database(database, sign_ins, user):
    token = sign_ins.sign_in("li.wei", PASSWORD, address="a")
    with database.owner() as connection:
        rows = connection.execute(
            "SELECT u::text || s::text FROM account.user_account AS u, account.user_session AS s"
        ).fetchall()
    assert len(rows) == 1
    assert token not in rows[0][0]
    assert PASSWORD not in rows[0][0]
    assert csrf_token(token) not in rows[0][0]
    assert hashlib.sha256(token.encode()).hexdigest() in rows[0][0]


def test_a_wrong_password_and_an_unknown_name_are_told_alike(sign_ins, user):
    assert refusal(sign_ins, "li.wei", "wrong password") == "account.sign_in_refused"
    assert refusal(sign_ins, "nobody", PASSWORD) == "account.sign_in_refused"
    assert refusal(sign_ins, "no-tenant/li.wei", PASSWORD) == "account.sign_in_refused"
    assert refusal(sign_ins, "", "") == "account.sign_in_refused"


def test_an_unknown_name_costs_a_check_of_a_password_too(sign_ins, monkeypatch):
    checked = []
    from suyuan.account import _sessions

    real = _sessions.is_password
    monkeypatch.setattr(
        _sessions, "is_password", lambda *given: checked.append(given) or real(*given)
    )
    refusal(sign_ins, "nobody", PASSWORD)
    assert checked == [(None, PASSWORD)]


def test_a_guess_costs_64_mebibytes_whether_there_is_such_a_name_or_not(shipped_hashing):
    for stored in (shipped_hashing.hasher.hash(PASSWORD), shipped_hashing.of_nobody):
        cost = extract_parameters(stored)
        assert (cost.type, cost.memory_cost, cost.time_cost) == (Type.ID, 65_536, 3)
        assert (cost.parallelism, cost.hash_len) == (4, 32)


@pytest.mark.parametrize("name", ["li.wei", "nobody"])
def test_a_name_that_fails_too_often_has_to_wait_whether_it_exists_or_not(database, user, name):
    now = [0.0]
    sign_ins = SignIns(database, clock=lambda: now[0])
    told = [refusal(sign_ins, name, "wrong", address=str(number)) for number in range(12)]
    assert told == ["account.sign_in_refused"] * 10 + ["account.sign_in_too_often"] * 2
    assert refusal(sign_ins, name, PASSWORD) == "account.sign_in_too_often"
    now[0] = 91.0
    assert refusal(sign_ins, name, "wrong") == "account.sign_in_refused"


def test_an_address_that_fails_too_often_has_to_wait(sign_ins, user, monkeypatch):
    monkeypatch.setattr("suyuan.account._sessions.is_password", lambda *_: False)
    told = [refusal(sign_ins, f"name{number}", "wrong") for number in range(51)]
    assert told.count("account.sign_in_too_often") == 1
    assert refusal(sign_ins, "li.wei", PASSWORD, address="b") == "account.sign_in_refused"


def test_who_comes_in_has_no_failures_any_more(sign_ins, user):
    for _ in range(3):
        for _ in range(9):
            refusal(sign_ins, "li.wei", "wrong")
        assert sign_ins.sign_in("li.wei", PASSWORD, address="b")


def test_the_same_name_in_two_tenants_is_two_people(database, sign_ins, user):
    other = database.make_tenant("plant-2")
    there = Actor(tenant_id=other, actor="command_line:test", name="test")
    second = add_user(database, there, name="li.wei")
    set_password(database, there, second.user_id, "another long password")
    session = find_session(
        database, sign_ins.sign_in("plant-2/li.wei", "another long password", address="a")
    )
    assert session is not None
    assert (session.tenant_id, session.tenant) == (other, "plant-2")
    assert refusal(sign_ins, "li.wei", "another long password") == "account.sign_in_refused"


def test_a_session_ends_by_signing_out_by_rest_and_by_age(database, sign_ins, user):
    tokens = [sign_ins.sign_in("li.wei", PASSWORD, address="a") for _ in range(3)]
    sessions = [find_session(database, token) for token in tokens]
    sign_out(database, sessions[0])
    with database.owner() as connection:
        for column, age, session in (
            ("last_seen", "-13 hours", sessions[1]),
            ("expires", "-1 second", sessions[2]),
        ):
            connection.execute(
                f"UPDATE account.user_session SET {column} = now() + %s::interval "
                "WHERE session_id = %s",
                (age, session.session_id),
            )
    assert [find_session(database, token) for token in tokens] == [None] * 3


def test_disabling_a_user_and_a_new_password_end_their_sessions(database, sign_ins, actor, user):
    token = sign_ins.sign_in("li.wei", PASSWORD, address="a")
    set_password(database, actor, user.user_id, "quite another password")
    assert find_session(database, token) is None
    token = sign_ins.sign_in("li.wei", "quite another password", address="a")
    change_user(database, actor, user.user_id, is_disabled=True)
    assert find_session(database, token) is None
    assert refusal(sign_ins, "li.wei", "quite another password") == "account.sign_in_refused"


def test_a_role_that_has_ended_allows_nothing(database, sign_ins, actor, user):
    token = sign_ins.sign_in("li.wei", PASSWORD, address="a")
    with database.owner() as connection:
        connection.execute("UPDATE account.user_role SET expires = now() - interval '1 second'")
    session = find_session(database, token)
    assert session is not None
    assert session.permissions == frozenset()


# RFC 6238, appendix B: the key for SHA-1, and its codes of eight digits.
@pytest.mark.parametrize(
    ("time_s", "code"),
    [
        (59, "94287082"),
        (1111111109, "07081804"),
        (1111111111, "14050471"),
        (1234567890, "89005924"),
        (2000000000, "69279037"),
        (20000000000, "65353130"),
    ],
)
def test_codes_are_those_of_the_standard(time_s, code):
    secret = b"12345678901234567890"
    assert totp_code(secret, time_s // 30, digits=8) == code
    assert totp_step(secret, code[2:], time_s=time_s) == time_s // 30
    assert totp_step(secret, code[2:], time_s=time_s + 90) is None


def test_a_code_is_asked_for_once_set_up_and_opens_once(database, sign_ins, actor, user):
    secret = make_totp_secret()
    set_totp(database, actor, user.user_id, secret)
    code = totp_code(secret, 1_000_000 // 30)
    assert refusal(sign_ins, "li.wei", PASSWORD) == "account.code_missing"
    assert refusal(sign_ins, "li.wei", "wrong", code) == "account.sign_in_refused"
    wrong = str((int(code) + 1) % 1_000_000).zfill(6)
    assert refusal(sign_ins, "li.wei", PASSWORD, wrong) == "account.sign_in_refused"
    assert sign_ins.sign_in("li.wei", PASSWORD, code, address="a")
    assert refusal(sign_ins, "li.wei", PASSWORD, code) == "account.sign_in_refused"


@pytest.mark.parametrize("password", ["short", "aaaaaaaaaaaaaaa", "xx li.wei xx yy", "x" * 201])
def test_weak_passwords_are_refused(database, actor, user, password):
    with pytest.raises(InvalidInput) as refused:
        set_password(database, actor, user.user_id, password)
    assert refused.value.code == "account.password_weak"


def test_an_invitation_sets_the_password_signs_in_and_opens_once(database, actor, sign_ins):
    made = add_user(database, actor, name="wang", grants=[RoleGrant(role="operator")])
    link = make_link(database, actor, made.user_id)
    assert link.kind == "invitation"
    assert find_link(database, link.token).name == "wang"
    assert {one.has_entered for one in list_users(database, actor.tenant_id)} == {False}
    with pytest.raises(InvalidInput):
        enter(database, link.token, password="short")
    session = find_session(database, enter(database, link.token, password=PASSWORD))
    assert session is not None
    assert session.roles == ("operator",)
    assert {one.has_entered for one in list_users(database, actor.tenant_id)} == {True}
    with pytest.raises(NotFound):
        enter(database, link.token, password="yet another password")
    assert sign_ins.sign_in("wang", PASSWORD, address="a")
    assert make_link(database, actor, made.user_id).kind == "reset"


def test_a_newer_link_takes_the_place_of_the_older(database, actor, user):
    older, newer = (make_link(database, actor, user.user_id) for _ in range(2))
    with pytest.raises(NotFound):
        find_link(database, older.token)
    assert find_link(database, newer.token).user_id == user.user_id


def test_a_link_opens_nothing_after_its_time_nor_for_the_disabled(database, actor, user):
    link = make_link(database, actor, user.user_id)
    with database.owner() as connection:
        connection.execute("UPDATE account.one_time_link SET expires = now()")
    with pytest.raises(NotFound):
        enter(database, link.token, password=PASSWORD)
    change_user(database, actor, user.user_id, is_disabled=True)
    with pytest.raises(Refused):
        make_link(database, actor, user.user_id)


def test_the_first_one_becomes_administrator_and_there_is_no_second_first(database, tenant_id):
    older, newer = (make_first_link(database, tenant_id) for _ in range(2))
    assert older is not None
    assert newer is not None
    with pytest.raises(NotFound):
        enter(database, older.token, name="boss", password=PASSWORD)
    session = find_session(database, enter(database, newer.token, name="boss", password=PASSWORD))
    assert session is not None
    assert "account.manage" in session.permissions
    assert make_first_link(database, tenant_id) is None
    entry = list_audit(database, tenant_id)[0]
    assert (entry.action, entry.actor_name) == ("link.first_start", "boss")


def test_the_link_of_a_demo_signs_in_until_it_has_people_of_its_own(database, tenant_id, actor):
    link = make_demo_link(database, tenant_id, "en")
    assert link is not None
    session = find_session(database, enter(database, link.token))
    assert session is not None
    assert session.roles == ("administrator",)
    assert make_demo_link(database, tenant_id, "en") is not None
    add_user(database, actor, name="real")
    assert make_demo_link(database, tenant_id, "en") is None


def test_a_changed_hash_of_nobody_would_still_be_a_hash_that_nothing_opens():
    from suyuan.account._password import _OF_NOBODY, is_password

    assert len(base64.b64decode(_OF_NOBODY.split("$")[-1] + "=")) == 32
    assert not is_password(None, "")


@pytest.mark.parametrize(
    "statement", ["UPDATE account.audit_entry SET why = 'x'", "DELETE FROM account.audit_entry"]
)
def test_the_audit_trail_can_not_be_changed_by_the_application(
    database, tenant_id, user, statement
):
    with pytest.raises(psycopg.errors.InsufficientPrivilege), database.tenant(tenant_id) as opened:
        opened.execute(statement)
