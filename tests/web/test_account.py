"""People in a real browser: invited, with a phone, with a role that ends, and by keyboard."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect

from suyuan.account import RoleGrant
from suyuan.account._totp import totp_code
from tests.api.conftest import Server
from tests.api.people import PASSWORD, make_user
from tests.web.conftest import SESSION_COOKIE, Window

pytestmark = pytest.mark.slow
Open = Callable[..., Window]


@pytest.fixture(scope="module")
def administrator(dairy: Server) -> str:
    return make_user(dairy, "chief", RoleGrant(role="administrator"))


def come_in(window: Window, token: str) -> None:
    window.page.context.add_cookies([{"name": SESSION_COOKIE, "value": token, "url": window.url}])


def test_the_palette_leads_anywhere_by_keyboard_and_help_says_what_a_page_is(
    open_window: Open,
) -> None:
    window, page = (opened := open_window()), opened.page
    window.open("/app/gaps")
    page.keyboard.press("Control+k")
    choice = page.get_by_role("combobox", name="Go to a page")
    expect(choice).to_be_focused()
    page.keyboard.type("profil")
    expect(page.get_by_role("option", selected=True)).to_contain_text("My profile")
    assert window.faults() == []
    page.keyboard.press("Enter")
    page.wait_for_url("**/app/settings/profile")
    expect(page.get_by_role("heading", name="Where you are signed in")).to_be_visible()
    page.keyboard.press("Control+k")
    page.keyboard.press("Escape")
    expect(choice).not_to_be_visible()
    page.locator("h1").click()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Help")).to_contain_text("Your own account")
    assert window.faults() == []


@pytest.mark.parametrize(
    ("language", "title", "who", "home"),
    [
        ("en", "This is not allowed", "An administrator", "To the first page"),
        ("zh", "您没有权限打开此页面", "管理员", "回到首页"),
    ],
)
def test_who_may_not_is_told_what_is_missing_in_place_of_every_such_page(
    open_window: Open, language: str, title: str, who: str, home: str
) -> None:
    window, page = (opened := open_window(language)), opened.page
    shut = ("capture", "capture/record?what=receive", "import", "import/none", "event/none/correct")
    # By their addresses, and by links: what shuts one page must not stay when another comes.
    come = window.open if language == "en" else window.go
    for path in (*shut, *(f"settings/{one}" for one in ("users", "roles", "api-keys", "audit"))):
        come(f"/app/{path}")
        expect(page.locator("main .empty")).to_contain_text(title)
        expect(page.locator("main .empty")).to_contain_text(who)
        expect(page.locator("main form, main input")).to_have_count(0)
    assert window.faults() == []
    for name in ("Users", "Audit trail", "API keys", "用户", "审计记录"):
        expect(page.get_by_role("link", name=name)).to_have_count(0)
    page.get_by_role("link", name=home).click()
    page.wait_for_url(re.compile("/app/?$"))


def test_a_regulator_is_invited_until_a_day_and_then_sees_nothing(
    dairy: Server, administrator: str, open_window: Open
) -> None:
    window, page = (opened := open_window(is_signed_in=False)), opened.page
    come_in(window, administrator)
    window.open("/app/settings/users")
    page.get_by_role("button", name="Invite somebody").click()
    page.get_by_label("Sign-in name").fill("regulator.wu")
    page.get_by_label("regulator", exact=True).check()
    until = datetime.now(UTC) + timedelta(days=30)
    page.get_by_label("until the end of").fill(f"{until:%Y-%m-%d}")
    page.get_by_role("textbox", name="Reason").fill("yearly inspection")
    page.get_by_role("button", name="Make the invitation").click()
    link = page.get_by_role("dialog", name="The link").locator("code").inner_text()
    assert window.faults() == []

    guest, theirs = (opened := open_window(width=390, height=844, is_signed_in=False)), opened.page
    theirs.goto(link)
    theirs.get_by_label("New password").fill(PASSWORD)
    theirs.get_by_role("button").click()
    guest.open("/app/gaps")
    expect(theirs.get_by_text("Your access ends on")).to_be_visible()
    expect(theirs.locator(".gaps li").first).to_be_visible()
    with dairy.database.owner() as connection:
        connection.execute("UPDATE account.user_role SET expires = now() WHERE role = 'regulator'")
    guest.open("/app/gaps")
    expect(theirs.get_by_text("Your access ended on")).to_be_visible()
    expect(theirs.get_by_text("This is not allowed")).to_be_visible()
    expect(theirs.locator(".gaps li")).to_have_count(0)
    guest.troubles.clear()  # The browser's own note of the 403.

    window.open("/app/settings/audit?action=user.add")
    row = page.locator("tbody tr").first
    expect(row).to_contain_text("yearly inspection")
    expect(row).to_contain_text("regulator.wu")


def test_a_phone_is_set_up_and_asked_for_at_the_next_sign_in(
    dairy: Server, open_window: Open
) -> None:
    window, page = (opened := open_window("zh", is_signed_in=False)), opened.page
    come_in(window, make_user(dairy, "shen", RoleGrant(role="operator")))
    window.open("/app/settings/profile")
    page.get_by_role("button", name="设置", exact=True).click()
    box = page.get_by_role("dialog", name="设置")
    box.get_by_label("当前密码").fill(PASSWORD)
    box.get_by_role("button", name="继续").click()
    expect(box.get_by_role("img")).to_be_visible()
    secret = re.sub(r"\s", "", box.locator("code").inner_text())
    box.get_by_label("验证码").fill(code_of(secret))
    assert window.faults() == []
    box.get_by_role("button", name="继续").click()
    codes = page.get_by_role("dialog", name="恢复码").locator("li code")
    expect(codes).to_have_count(10)
    recovery = codes.first.inner_text()

    page.context.clear_cookies()
    page.goto(f"{window.url}/sign_in?lang=zh")
    page.get_by_label("登录名").fill("shen")
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    expect(page.get_by_role("alert")).to_contain_text("动态验证码")
    page.get_by_label("登录名").fill("shen")
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_label("动态验证码").fill(recovery)
    page.get_by_role("button", name="登录").click()
    page.wait_for_url(f"{window.url}/**")
    window.open("/app/settings/profile")
    expect(page.get_by_text("还剩 9 个恢复码")).to_be_visible()
    window.troubles.clear()  # The browser's own note of the 401.


def code_of(secret: str) -> str:
    import base64

    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    return totp_code(key, int(datetime.now(UTC).timestamp()) // 30)


def test_the_journal_is_verified_with_progress_in_the_browser(
    administrator: str, open_window: Open
) -> None:
    window, page = (opened := open_window(is_signed_in=False)), opened.page
    come_in(window, administrator)
    window.open("/app/journal")
    page.get_by_role("button", name="Verify now").click()
    expect(page.get_by_text("sound", exact=True)).to_be_visible(timeout=90_000)


@pytest.mark.parametrize(("language", "width", "height"), [("en", 1440, 900), ("zh", 390, 844)])
def test_no_page_of_settings_shuts_anybody_out_or_runs_over_its_edge(
    administrator: str, open_window: Open, language: str, width: int, height: int
) -> None:
    window = open_window(language, width, height, is_signed_in=False)
    come_in(window, administrator)
    pages = ("profile", "plant", "users", "roles", "api-keys", "audit", "about")
    window.look_at(*(f"/app/settings/{one}" for one in pages), "/app/journal", "/trust")
