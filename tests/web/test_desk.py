"""The desk in a real browser: scan, story, genealogy, path, export; both languages."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from suyuan.account import RoleGrant
from tests.api.conftest import Server
from tests.api.people import make_user
from tests.web.conftest import Window, address, story_codes

pytestmark = pytest.mark.slow
_MARKS_OUTSIDE = """() => {
  const {left, right} = document.querySelector('.map > svg').getBoundingClientRect()
  const boxes = [...document.querySelectorAll('.map .mark')].map(one => one.getBoundingClientRect())
  return boxes.filter(one => one.left < left || one.right > right).length
}"""
Open = Callable[..., Window]


def test_a_scan_leads_to_the_genealogy_a_path_in_it_and_its_export(
    dairy: Server, open_window: Open, tmp_path: Path
) -> None:
    window, page = (opened := open_window()), opened.page
    window.open("/app")
    window.scan(story_codes(dairy)["contaminated_lot"])
    expect(page.get_by_role("heading", level=1)).to_have_text("Raw milk, Red Clay Farm")
    expect(page.get_by_text("On hold: nonconforming")).to_be_visible()
    expect(page.locator(".made-of")).to_have_count(0)  # It is on hold itself, and made of nothing.
    expect(page.locator(".timeline li").first).to_contain_text("Made and marked at Red Clay Farm")

    page.get_by_role("link", name="Genealogy").click()
    picture = page.get_by_role("application")
    expect(picture).to_be_visible()
    picture.focus()
    for _ in range(4):  # The start, the step, a silo, another step.
        page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    panel = page.get_by_role("complementary")
    expect(panel.get_by_text("Way from the start")).to_be_visible()
    expect(panel.locator(".path li").first).to_contain_text("Raw milk, Red Clay Farm")
    assert "select=" in page.url
    page.reload()
    expect(panel.locator(".path li").first).to_contain_text("Raw milk, Red Clay Farm")

    page.get_by_text("Take it away").click()
    with page.expect_download() as download:
        page.locator("a[download='trace-forward.csv']").click()
    download.value.save_as(tmp_path / "trace.csv")
    with (tmp_path / "trace.csv").open(encoding="utf-8-sig", newline="") as table:
        rows = list(csv.DictReader(table))
    assert sum(row["kind"] == "object" for row in rows) > 500


def test_the_table_says_what_the_picture_shows_and_opens_what_is_folded(
    dairy: Server, open_window: Open
) -> None:
    window = open_window()
    code = story_codes(dairy)["contaminated_lot"]
    window.open(address(code, "?tab=genealogy&as=table&direction=forward"))
    rows = window.page.locator("tbody tr")
    expect(rows.first).to_contain_text("Raw milk, Red Clay Farm")
    before = rows.count()
    window.page.get_by_role("button", name="items").first.click()
    expect(rows.nth(before + 5)).to_be_visible()
    assert "open=" in window.page.url
    assert window.faults() == []


def test_everything_is_said_in_chinese_too(dairy: Server, open_window: Open) -> None:
    window, page = (opened := open_window("zh")), opened.page
    window.open("/app")
    expect(page.get_by_role("heading", level=1)).to_have_text("想了解哪件物品？")
    window.scan(story_codes(dairy)["carton"])
    expect(page.get_by_role("heading", level=1)).to_have_text("鹭溪低脂鲜牛奶 1 升")
    expect(page.locator(".timeline li").first).to_contain_text("在纸盒灌装线制成并赋码")
    page.get_by_role("button", name="English").click()
    expect(page.locator(".timeline li").first).to_contain_text("Made and marked at Carton line")


def test_the_page_of_a_thing_tells_its_times_places_balance_and_proof(
    dairy: Server, open_window: Open, tmp_path: Path
) -> None:
    window, page = (opened := open_window()), opened.page
    codes = story_codes(dairy)
    window.open(address(codes["carton"]))
    held = page.locator(".made-of")  # Its own record tells nothing of it.
    expect(held).to_contain_text("Something it was made of is on hold")
    expect(held).to_contain_text("On hold: nonconforming")
    expect(held.locator(".chip")).to_have_text("possibly in it")
    field, recall = page.get_by_label("As known on"), page.get_by_role("link", name="Simulate a")
    in_row = [one.evaluate("one => one.getBoundingClientRect().bottom") for one in (field, recall)]
    assert abs(in_row[0] - in_row[1]) < 8
    held.get_by_role("link", name="Raw milk, Red Clay Farm").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Raw milk, Red Clay Farm")
    window.open(address(codes["clean_lot"]))
    expect(page.locator(".made-of")).to_have_count(0)
    window.open(address(codes["carton"], "?tab=timeline"))
    bars = page.locator(".bar-of.inside")
    expect(bars.first).to_contain_text("Case of 12")
    page.get_by_role("button", name="Zoom in").click()
    expect(page).to_have_url(re.compile("from="))
    page.get_by_role("link", name="Places").click()
    page.get_by_role("button", name="In a row").click()
    expect(page.locator(".flow li").first).to_contain_text("Carton line")
    expect(page).to_have_url(re.compile("as=row"))
    assert window.faults() == []
    page.get_by_role("link", name="Proof").click()
    expect(page.locator(".command")).to_contain_text("suyuan verify-proof event.proof --key '")
    assert window.faults() == []
    assert all("404" in trouble for trouble in window.troubles)
    window.troubles.clear()  # Nobody keeps a log here, so there is no key to show.
    window.open(address(codes["contaminated_lot"], "?tab=balance"))
    used = page.locator("tbody", has_text="Used")
    stock = page.locator("tbody", has_text="In stock")
    expect(page.get_by_text("in shops and with customers too")).to_be_visible()
    used.get_by_role("button").click()
    expect(used.locator(".behind li").first).to_contain_text("stored")
    assert window.faults() == []
    window.open(address(codes["clean_lot"], "?tab=balance"))  # All of it is in a shop by now.
    expect(stock.locator("td.number").first).to_contain_text("144")
    expect(stock.locator("small")).to_have_text("0 of it never left, or at own sites")
    window.open(address("(01)09521001000222"))  # A product: no event names it itself.
    page.locator(".members a").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Heron Creek low-fat milk 1 L")
    expect(page.get_by_role("article").get_by_role("paragraph").first).to_have_text("Lot")


def marks_outside_when_turned(window: Window) -> int:
    """Look at a map as upright as a phone, and go back; count the marks that were not on it."""
    window.page.set_viewport_size({"width": 390, "height": 844})
    window.settle()
    outside = int(window.page.evaluate(_MARKS_OUTSIDE))
    window.page.set_viewport_size({"width": 1440, "height": 900})
    return outside


def test_a_map_is_given_and_the_way_of_a_carton_is_drawn_on_it(
    dairy: Server, open_window: Open, tmp_path: Path
) -> None:
    carton = story_codes(dairy)["carton"]
    window, page = (opened := open_window("zh")), opened.page
    window.open(address(carton, "?tab=places"))
    marks = page.locator(".map .mark")
    expect(marks.last).to_be_visible()
    expect(page.locator(".map text.stop", has_text="当前在此")).to_be_visible()
    before = marks.count()
    page.locator(".map > svg").focus()
    for _ in range(4):
        page.keyboard.press("-")
    expect(marks).not_to_have_count(before)  # From afar some share one.
    page.get_by_role("button", name="全程").click()
    expect(marks).to_have_count(before)
    expect(page.locator(".map-bar")).to_contain_text("米")
    assert marks_outside_when_turned(window) == 0
    page.get_by_role("button", name="English").click()
    expect(page.get_by_text("7 places, in the order")).to_be_visible()
    assert window.faults() == []

    chief = make_user(dairy, "cartographer", RoleGrant(role="administrator"))
    window, page = (opened := open_window(token=chief)), opened.page
    window.look_at("/app/settings/plant")
    card = page.locator(".card", has_text="Map of the places")
    with page.expect_download() as download:
        card.get_by_role("link", name="Download").click()
    plan = json.loads(Path(download.value.path()).read_text(encoding="utf-8"))
    site = next(one for one in plan["features"] if one["properties"]["name"] == "Heron Creek plant")
    wrong, right = tmp_path / "wrong.geojson", tmp_path / "right.geojson"
    ring = site["geometry"]["coordinates"][0]
    broken = site | {"geometry": {"type": "Polygon", "coordinates": [ring[:-1]]}, "type": "Place"}
    wrong.write_text(json.dumps({"type": "FeatureCollection", "features": [broken]}))
    right.write_text(json.dumps({"type": "FeatureCollection", "features": [site]}))
    card.locator("input[type=file]").set_input_files(wrong)
    alert = card.get_by_role("alert")
    expect(alert).to_contain_text("/features/0/type")
    expect(alert).to_contain_text("a ring ends where it begins")
    assert all("422" in trouble for trouble in window.troubles)
    window.troubles.clear()  # The browser's own note of the 422.
    card.locator("input[type=file]").set_input_files(right)
    expect(card).to_contain_text("Much used, and not on the map")
    assert window.faults() == []
    card.get_by_role("button", name="Take this map").click()
    expect(card.get_by_role("status")).to_have_text("The map is in use.")

    window.open(address(carton, "?tab=places"))  # The rooms of the plant stand at the plant.
    expect(page.locator(".map .mark")).to_have_count(1)
    expect(page.locator(".off-map")).to_contain_text("Heron Creek distribution centre")
    window.open(address("(414)9521001000109(254)COLD-STORE"))
    expect(page.get_by_text("Its site is on the map")).to_be_visible()
    window.open("/app/settings/plant")
    card.get_by_role("button", name="Remove").click()
    page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    expect(card).to_contain_text("No map has been given")
    window.look_at(address(carton, "?tab=places"))
    page.get_by_role("link", name="Give a map").click()
    page.wait_for_url("**/app/settings/plant")
    dairy.client.put("/api/map", json=plan).raise_for_status()


def test_a_picture_finds_what_is_folded_and_is_taken_away(dairy: Server, open_window: Open) -> None:
    window, page = (opened := open_window()), opened.page
    code = story_codes(dairy)["contaminated_lot"]
    window.open(address(code, "?tab=genealogy&direction=forward"))
    item = dairy.client.get("/api/track_forward", params={"code": code}).json()["object_list"]
    folded = next(one["uri"] for one in item if "/21/A" in one["uri"])
    gtin, serial = re.findall(r"/01/(\d+)/21/(.+)", folded)[0]
    page.get_by_label("Find in the picture").last.fill(f"(01){gtin}(21){serial}")
    page.keyboard.press("Enter")
    expect(page.get_by_role("complementary")).to_contain_text(serial)
    page.get_by_text("Take it away").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Picture (SVG)").click()
    drawn = Path(download.value.path()).read_text(encoding="utf-8")
    assert "Raw milk, Red Clay Farm" in drawn
    assert "Journal position" in drawn
    assert "style=" not in drawn


def test_a_stranger_is_asked_to_sign_in_and_comes_back(dairy: Server, open_window: Open) -> None:
    window = open_window(is_signed_in=False)
    window.open("/app/trace")
    window.page.wait_for_url("**/sign_in?next=%2Fapp%2Ftrace")
    window.troubles.clear()  # The browser's own note of the 401.


def test_a_scan_while_something_is_typed_leaves_no_trace_of_itself(
    dairy: Server, open_window: Open
) -> None:
    window = open_window()
    window.open("/app/trace")
    window.page.get_by_label("Scan or type any code").focus()
    window.scan(story_codes(dairy)["carton"])
    expect(window.page.get_by_role("heading", level=1)).to_have_text("Heron Creek low-fat milk 1 L")


def test_the_page_of_a_site_says_what_is_there_and_in_which_of_its_parts(
    dairy: Server, open_window: Open
) -> None:
    window, page = (opened := open_window()), opened.page
    site = "https://id.gs1.org/414/9521001000109"
    told = dairy.client.get("/api/at_place", params={"code": site}, timeout=60).json()
    store = max(told["parts"], key=lambda one: one["objects"])
    window.look_at(address(site))
    expect(page.get_by_role("heading", level=1)).to_have_text("Heron Creek plant")
    expect(page.locator(".figures li").first).to_have_text(f"{told['units']:,}units here")
    part = page.locator(".parts li").first
    expect(part).to_have_text(f"{store['name']}{store['objects']:,}")
    rows = page.locator("tbody tr")
    expect(rows).to_have_count(min(told["row_count"], 100))
    assert all(text.strip() for text in page.locator("tbody td:nth-child(4)").all_inner_texts())
    things = page.locator(".things").first
    things.locator("summary").click()
    expect(things.get_by_role("link").first).to_be_visible()
    first = next(row["things"][0] for row in told["rows"] if row.get("things"))
    assert things.locator(f"a[href$='{first.rpartition('/')[2]}']").count() == 1
    page.get_by_role("link", name="Events", exact=True).last.click()
    expect(page.get_by_text("or one of its")).to_be_visible()
    expect(page.locator(".timeline li").first).to_be_visible()
    page.get_by_role("link", name="Here now").click()
    part.get_by_role("link").click()
    expect(page.get_by_role("link", name="Heron Creek plant")).to_be_visible()


def test_an_unknown_code_is_told_in_the_words_of_the_server(open_window: Open) -> None:
    window = open_window()
    window.open(address("(01)09521001000222(10)NONE"))
    expect(window.page.get_by_text("The record has never seen this code")).to_be_visible()
    assert window.faults() == []
    assert all("404" in trouble for trouble in window.troubles)
    window.troubles.clear()  # The browser's own note of the 404.


@pytest.mark.parametrize(("language", "width", "height"), [("en", 1440, 900), ("zh", 390, 844)])
def test_no_page_shuts_anybody_out_or_runs_over_its_edge(
    dairy: Server, open_window: Open, language: str, width: int, height: int
) -> None:
    window = open_window(language, width, height)
    codes = story_codes(dairy)
    carton, pallet = codes["carton"], codes["mixed_pallet"]
    window.look_at(
        "/app",
        address(carton),
        address(carton, "?tab=genealogy&direction=back"),
        address(pallet, "?tab=timeline"),
        address(carton, "?tab=places"),
        address(pallet, "?tab=contents"),
        "/app/gaps",
        f"/app/trace?code={carton}&direction=back",
    )
