"""A messy workbook in a real browser: errors in their cells, mended there, imported, its story."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import expect

from suyuan.account import RoleGrant
from tests.api.conftest import Server
from tests.api.people import make_user
from tests.importing.tables import MILK, workbook
from tests.web.conftest import SESSION_COOKIE, Window

pytestmark = pytest.mark.slow
_JOB_MS = 60_000  # A check is a process of its own, which a busy machine starts late.
HEADERS = ["收货日期", "物料编码", "批号", "数量", "单位", "供应商"]


def messy(path: Path) -> Path:
    """Make a workbook with a title, a wrong unit, a wrong date and no amount."""
    day = (datetime.now(UTC) - timedelta(days=1)).strftime("%Y-%m-%d 08:30")
    rows = [[day, MILK, f"WEB-{n}", 10 + n, "公斤", "9521001000017"] for n in range(6)]
    rows[1][4] = "公今"
    rows[3][3] = rows[3][4] = ""
    rows[4][0] = "昨天"
    return workbook(path, [["收货台账"], [], HEADERS, *rows])


def test_a_messy_workbook_is_mended_imported_and_told_as_a_story(
    dairy: Server, open_window: Callable[..., Window], tmp_path: Path
) -> None:
    token = make_user(dairy, "importer", RoleGrant(role="operator"))
    window = open_window("en", is_signed_in=False)
    page = window.page
    page.context.add_cookies([{"name": SESSION_COOKIE, "value": token, "url": window.url}])
    window.open("/app/import")
    expect(page.get_by_text("No table is waiting")).to_be_visible()
    page.locator("input[type=file]").set_input_files(messy(tmp_path / "收货.xlsx"))

    page.wait_for_url("**/import/*step=columns*")
    expect(page.get_by_label("Each row is")).to_have_value("received")
    expect(page.get_by_label("What the column 批号 holds")).to_have_value("lot")
    step = page.get_by_label("Business step").locator("option:checked")
    expect(step).to_have_text("receiving (as rows of this kind are)")
    expect(page.locator("td.bad")).to_have_count(2)
    expect(page.locator("td.doubtful")).to_have_text(["amount unknown"])
    assert window.faults() == []
    page.get_by_role("button", name="Next: check").click()

    expect(page.locator(".tally .bad dd")).to_have_text("2", timeout=_JOB_MS)
    expect(page.get_by_text("1 row does not say how much of a lot it was")).to_be_visible()
    # The list of errors leaves the table its room: no column is cut off.
    table = page.locator(".sheet")
    assert table.evaluate("one => one.scrollWidth <= one.clientWidth")
    assert window.faults() == []
    for name, text in (("单位: 公今", "kg"), ("收货日期: 昨天", "2026-11-20")):
        page.get_by_role("button", name=name, exact=True).click()
        page.locator("input.typed").fill(text)
        page.keyboard.press("Enter")
        expect(page.locator(".job")).to_have_count(0, timeout=_JOB_MS)
        expect(page.get_by_role("button", name=name, exact=True)).to_have_count(0, timeout=_JOB_MS)
    expect(page.get_by_text("Every row is right")).to_be_visible(timeout=_JOB_MS)
    page.get_by_role("button", name="Next: import").click()
    page.get_by_role("button", name="Import now").click()
    expect(page.locator(".tally .good dd")).to_have_text("6", timeout=_JOB_MS)
    page.get_by_role("button", name="Save the mapping").click()
    expect(page.get_by_text("saved", exact=False).last).to_be_visible()
    assert window.faults() == []
    page.get_by_role("link", name="See the story of one of them").click()
    expect(page.locator(".timeline li").first).to_contain_text("Received")
