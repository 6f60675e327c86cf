"""Events in a real browser: captured, found, corrected; by who may, in both languages."""

from __future__ import annotations

import json
from collections.abc import Callable
from urllib.parse import quote

import pytest
from playwright.sync_api import Page, expect

from suyuan.account import RoleGrant
from tests.api.conftest import Server
from tests.api.documents import CONTEXT
from tests.api.people import make_user, signed_in
from tests.web.conftest import Window, address, story_codes

pytestmark = pytest.mark.slow
Open = Callable[..., Window]

MILK = "https://id.gs1.org/01/09521001000222"
PLACE = "https://id.gs1.org/414/9521001000109/254/PALLETISER"


@pytest.fixture(scope="module")
def lead(dairy: Server) -> str:
    """Give the token of somebody who captures and corrects."""
    return make_user(dairy, "lead", RoleGrant(role="production_lead"))


def document(**fields: object) -> str:
    """Write a document with one event, on many lines."""
    event = {
        "type": "ObjectEvent",
        "eventTime": "2026-03-01T08:00:00+08:00",
        "eventTimeZoneOffset": "+08:00",
        "action": "OBSERVE",
        "bizStep": "inspecting",
        "epcList": [f"{MILK}/21/WEB-1"],
    } | fields
    whole = {
        "@context": [CONTEXT],
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": "2026-03-02T00:00:00Z",
        "epcisBody": {"eventList": [event]},
    }
    return json.dumps(whole, indent=2)


def captured(server: Server, **fields: object) -> str:
    """Put an event into the record; give its ID."""
    event_id = f"urn:uuid:{fields.pop('uuid')}"
    server.capture(document(eventID=event_id, **fields).encode())
    return event_id


def story(page: Page) -> list[str]:
    expect(page.locator(".timeline li").first).to_be_visible()
    return page.locator(".timeline .said").all_inner_texts()


def test_a_bad_document_is_shown_with_its_faults_mended_and_captured(
    dairy: Server, open_window: Open, lead: str
) -> None:
    window, page = (opened := open_window(token=lead)), opened.page
    window.open("/app")
    page.get_by_role("navigation").get_by_role("link", name="Capture").click()
    page.get_by_role("link", name="Documents").click()
    editor = page.get_by_role("textbox", name="Pasted text")
    editor.fill(document(action="MAYBE", eventTime="yesterday"))
    page.get_by_role("button", name="Check").click()
    expect(page.get_by_text("2 things are wrong; nothing was captured")).to_be_visible()
    expect(page.get_by_text("yesterday is no time")).to_be_visible()
    expect(page.locator(".gutter .marked")).to_have_count(2)
    lines = [int(one.split()[-1]) for one in page.locator(".faults .link").all_inner_texts()]
    assert lines == sorted(lines)
    capture = page.get_by_role("button", name="Capture", exact=True)
    expect(capture).to_be_disabled()
    look = "one => getComputedStyle(one).backgroundColor"
    check = page.get_by_role("button", name="Check", exact=True)
    assert capture.evaluate(look) != check.evaluate(look)
    page.get_by_role("button", name="line 14").click()
    chosen = editor.evaluate("one => one.value.slice(one.selectionStart, one.selectionEnd)")
    assert chosen == '"MAYBE"'
    assert window.faults() == []

    page.get_by_label("When something is wrong").select_option("proceed")
    page.get_by_role("button", name="Capture", exact=True).click()
    expect(page.locator(".done")).to_contain_text("yesterday is no time")
    page.get_by_role("button", name="中文").click()
    expect(page.locator(".done")).to_contain_text("yesterday 不是")
    page.get_by_role("button", name="English").click()
    page.get_by_label("When something is wrong").select_option("rollback")

    editor.fill(document())
    page.get_by_role("button", name="Check").click()
    expect(page.get_by_text("Nothing is wrong: 1 event")).to_be_visible()
    capture.click()
    expect(page.get_by_role("heading", name="1 event captured")).to_be_visible()
    page.get_by_role("link", name="WEB-1").click()
    assert story(page) == ["Inspected at an unrecorded place"]


def test_an_event_is_corrected_and_its_story_changes(
    dairy: Server, open_window: Open, lead: str
) -> None:
    code = f"{MILK}/21/WEB-2"
    uuid = "00000000-0000-4000-8000-0000000000a2"
    event_id = captured(dairy, uuid=uuid, epcList=[code], bizStep="shipping")
    window, page = (opened := open_window(token=lead)), opened.page
    window.open("/app/events?" + f"EQ_eventID={quote(event_id, safe='')}")
    page.locator("tbody").get_by_role("link", name="Sent off from an unrecorded place").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sent off from an unrecorded place")
    page.get_by_role("link", name="Correct this event").click()
    page.get_by_label("Why, in your own words").fill("it never left the house")
    page.get_by_label("Business step").select_option(label="storing")
    page.get_by_role("button", name="See what changes").click()
    expect(page.get_by_text("The story of 1 thing changes")).to_be_visible()
    assert window.faults() == []
    page.get_by_role("button", name="Correct it").click()
    expect(page.get_by_text("Declared in error on")).to_be_visible()
    expect(page.get_by_text("it never left the house — lead")).to_be_visible()
    # What is right instead, and what was wrong, are told by what they say.
    right = page.locator(".corrected").get_by_role("link")
    expect(right).to_have_text("Put into store at an unrecorded place")
    right.click()
    instead = page.locator(".note", has_text="in the place of one that was declared in error")
    expect(instead.get_by_role("link")).to_have_text("Sent off from an unrecorded place")
    window.open(address(code))
    wrong, right = page.locator(".timeline li.wrong"), page.locator(".timeline li:not(.wrong)")
    expect(wrong.locator("del")).to_have_text("Sent off from an unrecorded place")
    expect(wrong).to_contain_text("In error, corrected on")
    expect(wrong).to_contain_text("it never left the house")
    expect(right.locator(".said")).to_have_text("Put into store at an unrecorded place")
    expect(right.locator(".correction")).to_contain_text("in the place of an event in error")
    expect(page.get_by_text("1 event", exact=True)).to_be_visible()
    assert window.faults() == []
    wrong.get_by_role("link", name="What is right instead").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(
        "Put into store at an unrecorded place"
    )


def test_who_may_only_look_is_shown_no_door_and_refused_by_the_server(
    dairy: Server, open_window: Open, reader: str
) -> None:
    uuid = "00000000-0000-4000-8000-0000000000a3"
    event_id = captured(dairy, uuid=uuid, epcList=[f"{MILK}/21/WEB-3"])
    window, page = (opened := open_window("zh")), opened.page
    window.open(f"/app/event/{quote(event_id, safe='')}")
    expect(page.get_by_role("heading", level=1)).to_have_text("在未记录的位置检验")
    expect(page.get_by_role("link", name="更正此事件")).to_have_count(0)
    expect(page.get_by_role("link", name="采集", exact=True)).to_have_count(0)
    window.open(f"/app/event/{quote(event_id, safe='')}/correct")
    expect(page.get_by_text("需要权限：更正事件")).to_be_visible()
    body = {"event_id": event_id, "reason": "did_not_occur", "why": "x"}
    client = signed_in(dairy, reader)
    assert client.post("/api/corrections", json=body).status_code == 403
    assert client.post("/api/check", json={}).status_code == 403


def test_a_form_takes_scans_makes_a_transformation_and_its_genealogy_shows(
    dairy: Server, open_window: Open, lead: str
) -> None:
    source = story_codes(dairy)["contaminated_lot"]
    window, page = (opened := open_window(token=lead)), opened.page
    window.open("/app/capture")
    page.get_by_role("link", name="Make Inputs are used up").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Make")
    window.scan(source)
    rows = page.locator(".coderows li")
    expect(rows).to_contain_text(["Raw milk, Red Clay Farm"])
    page.get_by_label("Quantity of Raw milk").fill("12.5")
    page.get_by_label("Unit of Raw milk").select_option("KGM")
    page.get_by_role("textbox", name="What comes out").focus()
    for serial in range(5):  # Faster than the server answers.
        window.scan(f"(01)09521001000222(21)WEB-{serial}-MADE")
    window.scan("(01)09521001000222(10)WEB-LOT")
    expect(page.get_by_text("new to the record")).to_have_count(6)
    page.get_by_role("textbox", name="What comes out").fill("(01)09521001000223(10)X")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("the check digit")
    lacks = page.locator(".lacks")
    expect(lacks).to_contain_text("where it happened")
    page.get_by_role("button", name="Record it").click()  # Asks, and records nothing yet.
    expect(page.get_by_role("button", name="Record all the same")).to_be_visible()
    place = page.locator(".eventform .place input").first
    place.fill("Palletiser")
    place.blur()
    expect(lacks).to_have_count(0)
    expect(page.locator(".preview .said")).to_have_text("Made and marked at Palletiser")
    assert window.faults() == []
    page.get_by_role("button", name="Record it").click()
    expect(page.get_by_role("heading", name="Recorded as event")).to_be_visible()
    page.get_by_role("link", name="WEB-LOT").click()
    page.get_by_role("link", name="Genealogy").click()
    page.get_by_role("button", name="Table").click()
    expect(page.locator("tbody")).to_contain_text("Raw milk, Red Clay Farm")


def test_conditions_stand_in_the_address_and_a_view_is_kept_under_its_name(
    dairy: Server, open_window: Open, lead: str
) -> None:
    window, page = (opened := open_window(token=lead)), opened.page
    window.open("/app/events")
    page.get_by_label("Business step").select_option(label="packing")
    page.wait_for_url("**EQ_bizStep=packing**")
    page.get_by_role("button", name="Add a condition").click()
    form = page.locator("form.condition")
    form.get_by_label("Condition").select_option(label="Quantity")
    form.get_by_label("Compare").select_option("GT")
    form.get_by_role("textbox", name="Value").fill("5")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_role("button", name="Remove: Quantity more than 5")).to_be_visible()
    assert "GT_quantity=5" in page.url
    page.get_by_text("Saved views").click()
    page.get_by_label("Save these conditions as").fill("Large packings")
    page.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_url("**view=Large*")
    saved = dairy.client.get("/epcis/queries/Large packings").json()["query"]
    assert saved == {"EQ_bizStep": "packing", "GT_quantity": "5"}
    window.open("/app/events")
    page.get_by_text("Saved views").click()
    page.get_by_role("button", name="Large packings", exact=True).click()
    page.wait_for_url("**GT_quantity=5**")
    page.get_by_text("Take it away").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV table").click()
    assert download.value.suggested_filename == "events.csv"


@pytest.mark.parametrize(("language", "width", "height"), [("en", 1440, 900), ("zh", 390, 844)])
def test_no_page_of_events_shuts_anybody_out_or_runs_over_its_edge(
    dairy: Server, open_window: Open, lead: str, language: str, width: int, height: int
) -> None:
    window = open_window(language, width, height, token=lead)
    [event] = dairy.client.get(
        "/api/events", params={"eventType": "TransformationEvent", "perPage": 1}
    ).json()["events"]
    event_id = quote(event["event_id"], safe="")
    window.look_at(
        "/app/events?EQ_bizStep=packing&LT_value_CEL=9",
        f"/app/event/{event_id}",
        f"/app/event/{event_id}?tab=xml",
        f"/app/event/{event_id}/correct",
        "/app/capture",
        "/app/capture?tab=documents",
        "/app/capture/record?what=inspect",
    )
