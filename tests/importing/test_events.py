"""Rows become events, each cell is judged by itself, and what is doubtful is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suyuan.event import read_json
from suyuan.importing import Mapping, Names, fields, templates
from suyuan.importing._events import RepeatedEvents, encode_line
from tests.importing.tables import CREAM, HEADERS, LINK, MILK, made, received

DAY = "2026-11-26 08:30"


def test_a_received_row_is_an_event_the_journal_would_take():
    columns = received().columns | {"supplier": "From", "delivery_note": "Note", "place": "Where"}
    row = [DAY, MILK[1:], "L1", "12.5", "公斤", "9521001000024", "DN-7", "9521001000017"]
    headers = [*HEADERS, "From", "Note", "Where"]
    events, faults = made(received(columns=columns), row, headers=headers)
    assert faults == []
    assert events == [
        {
            "@context": events[0]["@context"],
            "type": "ObjectEvent",
            "eventTime": "2026-11-26T08:30:00+08:00",
            "eventTimeZoneOffset": "+08:00",
            "action": "OBSERVE",
            "quantityList": [
                {
                    "epcClass": f"{LINK}/{MILK}/10/L1",
                    "quantity": events[0]["quantityList"][0]["quantity"],
                    "uom": "KGM",
                }
            ],
            "bizStep": "receiving",
            "disposition": "in_progress",
            "readPoint": {"id": "https://id.gs1.org/414/9521001000017"},
            "bizLocation": {"id": "https://id.gs1.org/414/9521001000017"},
            "sourceList": [
                {"type": "owning_party", "source": "https://id.gs1.org/417/9521001000024"}
            ],
            "suyuan:deliveryNote": "DN-7",
        }
    ]
    assert str(events[0]["quantityList"][0]["quantity"]) == "12.5"
    assert read_json(encode_line(events[0])).is_valid


@pytest.mark.parametrize(
    ("quantity", "unit", "found"),
    [
        ("10", "kg", ("10", "KGM")),
        ("10 公斤", "", ("10", "KGM")),
        ("1,234.5", "L", ("1234.5", "LTR")),
        ("3", "斤", ("1.5", "KGM")),
        ("7", "件", ("7", None)),
        ("7", "pcs", ("7", None)),
        (2.5, "KGM", ("2.5", "KGM")),
        ("10", "箱", "unit_is_package"),
        ("10", "公今", "unit_unknown"),
        ("7.5", "个", "pieces_not_whole"),
        ("-3", "kg", "quantity_not_positive"),
        ("0", "kg", "quantity_not_positive"),
        ("1.234,5", "kg", "number_wrong"),
        ("ten", "kg", "number_wrong"),
        ("10 kg", "L", "units_disagree"),
    ],
)
def test_quantities_are_read_with_their_units_or_told(quantity, unit, found):
    events, faults = made(received(), [DAY, MILK, "L1", quantity, unit])
    if isinstance(found, str):
        assert [code for _, _, code in faults] == [found]
        assert events == []
    else:
        element = events[0]["quantityList"][0]
        assert (str(element["quantity"]), element.get("uom")) == found


@pytest.mark.parametrize(
    ("text", "order", "found"),
    [
        ("2026-11-26", "ymd", "2026-11-26T00:00:00+08:00"),
        ("2026/1/6 8:05", "ymd", "2026-01-06T08:05:00+08:00"),
        ("2026年11月26日 下午3点20分", "ymd", "2026-11-26T15:20:00+08:00"),
        ("20261126", "ymd", "2026-11-26T00:00:00+08:00"),
        ("20261126083000", "ymd", "2026-11-26T08:30:00+08:00"),
        ("26.11.2026 08:30", "dmy", "2026-11-26T08:30:00+08:00"),
        ("11/26/2026 3:20 PM", "mdy", "2026-11-26T15:20:00+08:00"),
        ("26 Nov 2026", "ymd", "2026-11-26T00:00:00+08:00"),
        ("2026-11-26T08:30:00Z", "ymd", "2026-11-26T08:30:00+00:00"),
        (["moment", "2026-11-26T08:30:00"], "ymd", "2026-11-26T08:30:00+08:00"),
        ("11/26/2026", "ymd", None),
        ("2026-02-30", "ymd", None),
        ("昨天", "ymd", None),
        ("46352.35", "ymd", None),
    ],
)
def test_times_are_read_as_the_table_writes_them_or_told(text, order, found):
    events, faults = made(received(date_order=order), [text, MILK, "L1", 1, "kg"])
    assert [event["eventTime"] for event in events] == ([found] if found else [])
    assert faults == ([] if found else [(2, 0, "time_wrong")])


def test_a_time_that_the_clocks_skipped_is_told():
    mapping = received(time_zone="Europe/Berlin")
    _, faults = made(mapping, ["2026-03-29 02:30", MILK, "L1", 1, "kg"])
    assert faults == [(2, 0, "time_skipped")]


def test_all_that_is_wrong_with_a_row_is_told_at_once_in_its_cells():
    _, faults = made(
        received(), ["?", "09521001000223", "L1", "x", "公今"], [DAY, "", "L2", 1, "kg"]
    )
    assert faults == [
        (2, 0, "time_wrong"),
        (2, 3, "number_wrong"),
        (2, 1, "check_digit_wrong"),
        (3, 2, "product_missing"),
    ]


def test_digits_that_a_spreadsheet_has_rounded_are_never_taken_for_a_code():
    columns = {"time": "Date", "code": "Product"}
    _, faults = made(received(columns=columns), [DAY, 3.95210010000000e17], [DAY, "9.52E+12"])
    assert faults == [(2, 1, "number_rounded"), (3, 1, "number_rounded")]


@pytest.mark.parametrize(
    ("code", "found"),
    [
        (f"(01){MILK}(10)AB", f"{LINK}/{MILK}/10/AB"),
        (f"https://example.com/01/{MILK}/10/AB", f"{LINK}/{MILK}/10/AB"),
        ("urn:epc:class:lgtin:9521001.000022.AB", f"{LINK}/{MILK}/10/AB"),
    ],
)
def test_whole_codes_are_understood_in_every_spelling(code, found):
    columns = {"time": "Date", "code": "Product", "quantity": "Quantity", "uom": "Unit"}
    events, faults = made(received(columns=columns), [DAY, code, "", 1, "kg"])
    assert faults == []
    assert events[0]["quantityList"][0]["epcClass"] == found


def test_plant_codes_stand_below_the_address_of_the_plant_and_names_are_looked_up():
    names = Names(plant_base="https://plant.example")
    names.learn("urn:epcglobal:epcis:vtype:EPCClass", f"{LINK}/{MILK}", ["Whole milk", "全脂奶"])
    rows = [DAY, "M-100", "L1", 1, "kg"], [DAY, " 全脂奶 ", "L2", 1, "kg"]
    events, faults = made(received(), *rows, names=names)
    assert faults == []
    assert [event["quantityList"][0]["epcClass"] for event in events] == [
        "https://plant.example/p/M-100/l/L1",
        f"{LINK}/{MILK}/10/L2",
    ]
    assert made(received(), rows[0])[1] == [(2, 1, "plant_base_missing")]


def test_inputs_of_one_output_are_added_and_the_output_is_made_once():
    columns = {
        "time": "Date",
        "input_product": "In",
        "input_lot": "In lot",
        "input_quantity": "In kg",
        "output_product": "Out",
        "output_lot": "Out lot",
        "output_quantity": "Out kg",
        "work_order": "Order",
    }
    headers = list(columns.values())
    mapping = Mapping("made_from", columns, {"input_uom": "kg", "output_uom": "kg"}, ["work_order"])
    rows = [
        [DAY, MILK, "A", 10, CREAM, "X", 12, "WO1"],
        [DAY, MILK, "A", 5, CREAM, "X", 12, "WO1"],
        [DAY, MILK, "B", 1, CREAM, "X", 12, "WO1"],
        [DAY, MILK, "C", 1, CREAM, "Y", 12, "WO2"],
    ]
    events, faults = made(mapping, *rows, headers=headers)
    assert faults == []
    assert [(q["epcClass"][-1], q["quantity"]) for q in events[0]["inputQuantityList"]] == [
        ("A", 15),
        ("B", 1),
    ]
    assert [q["quantity"] for q in events[0]["outputQuantityList"]] == [12]
    assert len(events) == 2
    rows[1][0] = "2026-11-27"
    events, faults = made(mapping, *rows, headers=headers)
    assert faults == [(3, 0, "rows_disagree")]
    assert len(events) == 1  # The other order is not held up.


def test_rows_of_one_container_are_one_packing_and_an_item_is_packed_once():
    columns = {"time": "Date", "container": "Pallet", "code": "Item"}
    mapping = Mapping("packed", columns, group=["container", "time"])
    pallet = "(00)095210010000000017"
    items = [f"(01){MILK}(21){n}" for n in range(3)]
    headers = list(columns.values())
    events, faults = made(mapping, *([DAY, pallet, one] for one in items), headers=headers)
    assert faults == []
    assert events[0]["action"] == "ADD"
    assert events[0]["parentID"] == "https://id.gs1.org/00/095210010000000017"
    assert len(events[0]["childEPCs"]) == 3
    again = [[DAY, pallet, items[0]], [DAY, pallet, items[0]]]
    assert made(mapping, *again, headers=headers)[1] == [(3, -1, "item_repeated")]


def test_equal_rows_of_one_file_are_two_events_and_stay_so():
    event = {"type": "ObjectEvent", "n": 1}
    names = []
    for _ in range(2):
        repeated, run = RepeatedEvents(10), []
        for _ in range(3):
            one = dict(event)
            repeated.name(one)
            run.append(one.get("eventID"))
        names.append(run)
    assert names[0] == names[1]
    assert names[0][0] is None
    assert len(set(names[0])) == 3


texts = st.text("ABCDEFGHJKLMNPQRSTUVWXYZ0123456789-", min_size=1, max_size=20)
amounts = st.decimals("0.001", "999999", places=3)


@given(
    st.lists(
        st.tuples(texts, amounts, st.datetimes().filter(lambda t: 1900 < t.year < 2100)),
        min_size=1,
        max_size=20,
        unique_by=lambda one: one[0],
    )
)
def test_what_rows_said_can_be_read_from_their_events(rows):
    cells = [[f"{time:%Y-%m-%d %H:%M:%S}", MILK, lot, str(n), "kg"] for lot, n, time in rows]
    mapping = received(time_zone="+08:00")
    events, faults = made(mapping, *cells)
    assert faults == []
    again = [
        [
            event["eventTime"][:19].replace("T", " "),
            MILK,
            event["quantityList"][0]["epcClass"].rpartition("/")[2],
            str(event["quantityList"][0]["quantity"]),
            "kg",
        ]
        for event in events
    ]
    assert made(mapping, *again) == (events, [])
    assert [row[2] for row in again] == [lot for lot, _, _ in rows]


@pytest.mark.parametrize("template", templates().values(), ids=lambda one: one.code)
def test_every_template_and_field_is_said_in_both_languages(template):
    for field in template.fields:
        assert set(fields()[field].names) == {"en", "zh"}
        assert all(fields()[field].names.values())
    assert all(template.names.values())
    assert all(template.texts.values())
