"""The first five minutes, the workspace of traces and recalls, and what comes in meanwhile."""

from __future__ import annotations

import csv
import re
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import expect

from suyuan.account import make_demo_link
from tests.api.conftest import Server
from tests.api.documents import document, object_event
from tests.web.conftest import Window, address, story_codes

pytestmark = pytest.mark.slow
Open = Callable[..., Window]


@pytest.fixture(scope="module", autouse=True)
def entrance(dairy: Server) -> str:
    """Give the one-time link of a demo, made while it has no other users."""
    link = make_demo_link(dairy.database, dairy.tenant_id, "en")
    assert link is not None
    return link.path


def test_each_figure_of_the_first_page_leads_to_exactly_what_it_counts(
    dairy: Server, open_window: Open, tmp_path: Path
) -> None:
    window, page = (opened := open_window()), opened.page
    deadline = time.monotonic() + 120
    while (told := dairy.client.get("/api/attention").json())["counted_at"] is None:
        assert time.monotonic() < deadline
        time.sleep(0.2)
    for name, number in (("on hold", told["on_hold"]), ("past their date", told["expired"])):
        window.open("/app")
        page.locator(".matter", has_text=name).click()
        if not number:  # An empty list says so.
            expect(page.locator(".empty")).to_be_visible(timeout=30_000)
            continue
        expect(page.locator(".total")).to_contain_text(f"{number:,}", timeout=30_000)
        assert window.faults() == []
        with page.expect_download() as download:
            page.get_by_role("link", name="CSV").click()
        download.value.save_as(tmp_path / "list.csv")
        with (tmp_path / "list.csv").open(encoding="utf-8-sig", newline="") as table:
            rows = list(csv.DictReader(table))
        assert sum(int(row.get("objects", 1)) for row in rows) == number
    window.open("/app")
    page.locator(".matter", has_text="shipped, not received").click()
    if told["overdue"]:
        expect(page.locator(".gaps li")).to_have_count(told["overdue"], timeout=60_000)
    window.look_at("/app/attention/refused", "/app/attention/waiting")


@pytest.mark.parametrize(
    ("language", "story", "genealogy", "simulate", "out"),
    [
        ("en", "On hold", "Genealogy", "Simulate a recall", "have left the house"),
        ("zh", "暂扣中", "谱系", "模拟召回", "已离开本厂"),
    ],
)
def test_in_five_minutes_a_newcomer_has_seen_a_code_its_genealogy_and_a_recall(
    dairy: Server,
    open_window: Open,
    entrance: str,
    language: str,
    story: str,
    genealogy: str,
    simulate: str,
    out: str,
) -> None:
    is_new = language == "en"  # The link opens once; in Chinese somebody is in already.
    window, page = (opened := open_window(language, is_signed_in=not is_new)), opened.page
    window.open(entrance if is_new else "/")
    if is_new:
        page.locator("form button").click()
    page.wait_for_url(re.compile("/app/?$"))  # By way of the first page, which leads people here.
    window.settle()
    expect(page.locator(".cards code").first).to_be_visible()
    window.scan(story_codes(dairy)["contaminated_lot"])
    expect(page.get_by_text(story).first).to_be_visible()
    page.get_by_role("link", name=genealogy, exact=True).click()
    expect(page.get_by_role("application")).to_be_visible(timeout=60_000)
    page.get_by_role("link", name=simulate).first.click()
    expect(page.locator(".figures .out")).to_contain_text(out, timeout=30_000)
    assert int(page.locator(".figures b").nth(1).inner_text().replace(",", "")) > 500
    expect(page.locator(".unknown li").first).to_be_visible()
    # A notice says who writes, and why: both are asked for, and go into every one.
    page.goto(page.url.replace("view=recall", "view=notices"))
    expect(page.locator(".writes .chip")).to_be_visible()  # Nobody has said here who is "we".
    said = ["Heron Creek Dairy", "cleaning agent in the milk"]
    for field, text in zip(page.locator(".writes input").all(), said, strict=True):
        field.fill(text)
        field.press("Enter")
    expect(page.locator(".letter").last.locator("dd")).to_have_text(said)
    expect(page.locator(".writes .chip")).to_have_count(0)
    assert "why=cleaning" in page.url


def test_a_name_is_found_by_its_part_and_a_lot_by_its_beginning(
    dairy: Server, open_window: Open
) -> None:
    window, page = (opened := open_window("zh")), opened.page
    window.open("/app/trace")
    box = page.get_by_role("combobox")
    box.fill("低脂鲜牛奶")
    option = page.get_by_role("option").first
    expect(option).to_contain_text("鹭溪低脂鲜牛奶 1 升")
    page.keyboard.press("ArrowDown")
    expect(option).to_have_attribute("aria-selected", "true")
    assert window.faults() == []
    box.fill("261118-3")
    expect(page.get_by_role("option", name=re.compile("红土坡牧场生乳"))).to_be_visible()
    page.get_by_role("option", name=re.compile("红土坡牧场生乳")).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("红土坡牧场生乳")


def test_the_address_of_the_workspace_says_everything_that_it_shows(
    dairy: Server, open_window: Open, tmp_path: Path
) -> None:
    window, page = (opened := open_window()), opened.page
    codes = story_codes(dairy)
    window.open("/app/trace")
    page.get_by_label("Codes").focus()
    window.scan(codes["contaminated_lot"])  # Into the list that has the focus.
    expect(page.get_by_label("Codes")).to_have_value(codes["contaminated_lot"])
    page.get_by_role("button", name="Heron Creek low-fat milk 1 L").click()
    expect(page.locator(".counted")).to_contain_text("781 objects")
    page.get_by_role("link", name="Places").click()
    page.get_by_role("button", name="Objects", exact=False).click()
    first = page.locator("tbody tr").first
    expect(first).to_contain_text("Carton")
    page.locator("tbody tr button").nth(3).click()
    page.get_by_role("link", name="Objects", exact=True).click()
    expect(page.locator("tbody tr").first).to_contain_text("low-fat milk", timeout=30_000)
    window.settle()
    shown, said = page.locator("main").inner_text(), page.url
    for part in ("code=", "product=", "place=", "view=objects"):
        assert part in said
    page.reload()
    window.settle()
    assert page.locator("main").inner_text() == shown
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").click()
    download.value.save_as(tmp_path / "trace.csv")
    with (tmp_path / "trace.csv").open(encoding="utf-8-sig", newline="") as table:
        rows = [row for row in csv.DictReader(table) if row["kind"] == "object"]
    assert f"{len(rows):,} objects" in shown


def test_suspects_share_something_and_a_correction_makes_a_difference(
    dairy: Server, open_window: Open
) -> None:
    window, page = (opened := open_window()), opened.page
    codes = story_codes(dairy)
    two = "&".join(f"code={quote(codes[key])}" for key in ("carton", "mixed_pallet"))
    window.open(f"/app/trace?{two}&view=shared")
    expect(page.locator(".shared li").first).to_contain_text("of 2 suspects")
    assert window.faults() == []
    lot = quote(codes["contaminated_lot"])
    window.open(f"/app/trace?code={lot}&view=compare&before=2020-01-01T00:00:00Z")
    expect(page.get_by_role("alert")).to_be_visible()  # Nobody knew of it then.
    window.troubles.clear()  # The browser's own note of the refusal.


def test_what_another_window_captures_appears_without_a_reload(
    dairy: Server, open_window: Open
) -> None:
    code = story_codes(dairy)["contaminated_lot"]
    lot = str(dairy.client.get("/api/object", params={"code": code}).json()["uri"])
    home, story = open_window(), open_window("zh")
    home.open("/app")
    story.open(address(code))
    expect(story.page.locator(".timeline li").first).to_be_visible()
    before = story.page.locator(".timeline li").count()
    for window in (home, story):
        window.page.wait_for_timeout(2_500)  # Each window listens once it has shown its page.
    sighting = object_event(
        eventTime="2026-11-26T09:00:00Z",
        bizStep="inspecting",
        epcList=[],
        quantityList=[{"epcClass": lot, "quantity": 1, "uom": "KGM"}],
    )
    assert dairy.capture(document(sighting))["success"]
    expect(story.page.locator(".timeline li")).to_have_count(before + 1, timeout=15_000)
    expect(home.page.locator(".lately li").first).to_contain_text("Inspected", timeout=15_000)


@pytest.mark.parametrize(("language", "width", "height"), [("en", 1440, 900), ("zh", 390, 844)])
def test_the_workspace_shuts_nobody_out_and_runs_over_no_edge(
    dairy: Server, open_window: Open, language: str, width: int, height: int
) -> None:
    window = open_window(language, width, height)
    code = quote(story_codes(dairy)["contaminated_lot"])
    views = ("lots", "places", "objects", "recall", "notices", "compare", "shared")
    window.look_at("/app", *(f"/app/trace?code={code}&view={view}" for view in views))
