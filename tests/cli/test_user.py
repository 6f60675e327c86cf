"""`suyuan user` adds, lists, invites and disables people, and the server invites the first."""

from __future__ import annotations

from suyuan.account import enter, find_session, list_audit
from suyuan.cli._terminal import Record
from suyuan.cli.serve import _show_first_link
from suyuan.settings import Settings

PASSWORD = "a cow jumps over the moon"


def test_a_user_is_added_with_roles_and_comes_in_by_the_link(suyuan, answer, database):
    made = answer("user", "add", "Zhao", "--role", "regulator", "--until", "2099-12-31")
    token = made["link"].rpartition("/enter/")[2]
    session = find_session(database, enter(database, token, password=PASSWORD))
    assert session is not None
    assert session.roles == ("regulator",)
    (listed,) = answer("user", "list")
    assert (listed["name"], listed["has_password"]) == ("zhao", True)
    assert "regulator – 2099-12-31" in suyuan("user").stdout
    again = answer("user", "link", "zhao")["link"].rpartition("/enter/")[2]
    answer("user", "disable", "zhao", "--why", "has left")
    assert answer("user")[0]["disabled"] is not None
    entry = list_audit(database, database.tenant_id("default"))[0]
    assert (entry.why, entry.actor.partition(":")[0]) == ("has left", "command_line")
    assert again != token


def test_the_server_invites_the_first_one_and_nobody_after(database, capsys):
    record = Record(Settings(), database, database.make_tenant("default"), "default")
    for expected in ("/enter/", ""):
        _show_first_link(record, "http://127.0.0.1:8000/", demo=False, language="en")
        told = capsys.readouterr().out
        assert expected in told
        if expected:
            assert "http://127.0.0.1:8000/enter/" in told
            token = told.rpartition("/enter/")[2].strip()
            enter(database, token, name="boss", password=PASSWORD)
        else:
            assert told == ""


def test_the_link_of_a_demo_signs_in_its_administrator(database, capsys):
    record = Record(Settings(), database, database.make_tenant("default"), "default")
    _show_first_link(record, "http://127.0.0.1:8000/", demo=True, language="zh")
    token = capsys.readouterr().out.rpartition("/enter/")[2].strip()
    session = find_session(database, enter(database, token))
    assert session is not None
    assert session.roles == ("administrator",)


def test_roles_are_replaced_and_a_user_enabled_again(answer):
    answer("user", "add", "qian", "--role", "viewer")
    answer("user", "change", "qian", "--role", "operator", "--role", "inspector")
    answer("user", "disable", "qian")
    (listed,) = answer("user", "enable", "qian")
    assert [one["role"] for one in listed["roles"]] == ["inspector", "operator"]
    assert listed["disabled"] is None


def test_a_key_is_made_for_some_of_what_may_be_done_and_until_a_day(answer):
    answer("api-key", "--add", "line", "--scope", "event.capture", "--until", "2099-12-31")
    (key,) = answer("api-key")
    assert key["permissions"] == ["event.capture"]
    assert key["expires"].startswith("2099-12-31") or key["expires"].startswith("2100-01-01")
