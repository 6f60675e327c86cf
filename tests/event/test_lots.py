"""To which lots the instances of an event belong, told by master data or by their keys."""

from __future__ import annotations

from typing import Any

import pytest

from suyuan.event import Role, decode_body, encode_body, event_hash, read_xml, write_xml
from tests.events import event

_GTIN = "https://id.gs1.org/01/09521234123453"
_OTHER = "https://id.gs1.org/01/09521234123460"


def _lots(**fields: Any) -> list[str]:
    found = event(1, **fields)
    assert decode_body(encode_body(found)).mentions == found.mentions
    return [mention[1] for mention in found.mentions if mention[0] == Role.LOT]


@pytest.mark.parametrize(
    "value", ["L1", ["L1"], {"#text": "L1", "plant:by": "printer"}, [{"#text": "L1"}]]
)
def test_the_lot_number_of_master_data_names_a_lot_of_each_product(value: Any) -> None:
    lots = _lots(
        action="ADD",
        epcList=[f"{_GTIN}/21/1", f"{_GTIN}/21/2", f"{_OTHER}/21/1"],
        ilmd={"cbvmda:lotNumber": value},
    )
    assert lots == [f"{_GTIN}/10/L1", f"{_OTHER}/10/L1"]


def test_a_lot_number_below_another_prefix_of_the_same_name_space_counts() -> None:
    fields = {
        "@context": [{"m": "urn:epcglobal:cbv:mda:", "plant": "https://plant.example.com/ns/"}],
        "ilmd": {"m:lotNumber": "L1", "plant:lotNumber": "not this"},
    }
    assert _lots(action="ADD", **fields) == [f"{_GTIN}/10/L1"]


def test_what_comes_out_of_a_transformation_belongs_to_its_lot() -> None:
    lots = _lots(
        type="TransformationEvent",
        action=None,
        epcList=None,
        inputEPCList=[f"{_OTHER}/21/9"],
        outputEPCList=[f"{_GTIN}/21/1"],
        ilmd={"cbvmda:lotNumber": "L1"},
    )
    assert lots == [f"{_GTIN}/10/L1"]


def test_a_link_with_lot_and_serial_number_names_both() -> None:
    found = event(1, epcList=[f"{_GTIN}/10/A/21/1", f"{_GTIN}/21/2", f"{_GTIN}/10/B/21/3"])
    assert [mention for mention in found.mentions if mention[0] == Role.LOT] == [
        (Role.LOT, f"{_GTIN}/10/A", None, None, f"{_GTIN}/21/1"),
        (Role.LOT, f"{_GTIN}/10/B", None, None, f"{_GTIN}/21/3"),
    ]
    packed = {"type": "AggregationEvent", "epcList": None, "childEPCs": [f"{_GTIN}/21/9"]}
    assert _lots(parentID=f"{_GTIN}/10/A/21/1", **packed) == [f"{_GTIN}/10/A"]


def test_plant_keys_have_lots_of_their_plant() -> None:
    base = "https://plant.example.com/p/MILK"
    lots = _lots(action="ADD", epcList=[f"{base}/s/1"], ilmd={"cbvmda:lotNumber": "甲/1"})
    assert lots == [f"{base}/l/%E7%94%B2%2F1"]


@pytest.mark.parametrize(
    ("epc", "number"),
    [
        ("https://id.gs1.org/00/095212345678901235", "L1"),  # a pallet is of no lot
        (f"{_GTIN}/21/1", "longer than twenty characters"),
        (f"{_GTIN}/21/1", "  "),
    ],
)
def test_what_names_no_lot_is_left_alone(epc: str, number: str) -> None:
    assert _lots(action="ADD", epcList=[epc], ilmd={"cbvmda:lotNumber": number}) == []


def test_a_lot_changes_no_hash_and_survives_xml() -> None:
    plain = event(1, action="ADD", epcList=[f"{_GTIN}/21/1"])
    keyed = event(1, action="ADD", epcList=[f"{_GTIN}/10/A/21/1"])
    assert event_hash(plain) == event_hash(keyed)
    told = event(1, action="ADD", ilmd={"cbvmda:lotNumber": "L1"})
    (again,) = read_xml(write_xml([told])).events
    assert again.mentions == told.mentions
    assert event_hash(again) == event_hash(told)
