"""The standards' own documents, captured as they stand, answer as their own texts say.

Sources, in the conformance data: `fsma204` (GS1 US, EPCIS Recommendations for FSMA 204 CTEs,
R2.0, with the mapping of its key data elements in each document), `gs1-epcis` (examples of
EPCIS 2.0, 9.6, with the meanings written beside them), `openepcis` (the DSCSA example of GS1
US, 2.2.1.1). What is expected was worked out by hand from their texts and comments.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from suyuan.journal import Journal
from suyuan.store import Database
from suyuan.trace import Genealogy, contents, history, trace_back, track_forward, whereabouts
from tests.conformance import conformance_dir
from tests.trace.documents import (
    at,
    carried,
    events_of,
    inside,
    reached,
    record_documents,
    steps,
)

FSMA = conformance_dir("fsma204", "epcis")
GS1 = conformance_dir("gs1-epcis")
OPEN = conformance_dir("openepcis")

# The traceability lot codes of the chain: greens harvested, packed into cases, made a salad.
_GTIN = "https://id.gs1.org/01/"
_HARVESTED = f"{_GTIN}00860009999923/10/ABC1234"
_PACKED = f"{_GTIN}10860009999920/10/ABC1234"
_BESIDE = f"{_GTIN}10860009999920/10/ABC5678"
_DRESSING = f"{_GTIN}10860009998022/10/DEF2345"
_SALAD = f"{_GTIN}10860009998039/10/SALAD-20260420-A"
_SWORDFISH = f"{_GTIN}00860009997004/10/SWF-2026-0223"
_PALLET = "https://id.gs1.org/00/008600099999850000"

_FARM, _COOLER, _PACKER = "0860009999060", "0860009999077", "0860009999992"
_BUYER, _VESSEL_DOCK, _KITCHEN = "0860009998001", "0860009997004", "0860009998018"

_PACKED_ON = "2026-04-18T10:26:42-04:00"
_TOLD_BY_THE_SHIPPER = "2026-04-18T00:00:00-04:00"
_ON_THE_PALLET = "2026-04-19T13:35:18-05:00"
_RECEIVED = "2026-04-20T08:45:00-05:00"
_MIXED = "2026-04-20T00:00:00-04:00"


def fsma(*names: str) -> list[Path]:
    return [FSMA / f"{name}-cte.jsonld" for name in names]


# Document, lot code: step, when, where; from whom or where; to whom or where ("CTE per GS1 US
# R2.0", sections 2, 3, 4, 6, 7 and 8). o is the owning party, l the location.
_TRACKING_EVENTS: list[tuple[str, str, list[tuple[str, str, str, str, str]]]] = [
    (
        "harvest",
        _HARVESTED,
        [
            ("creating_class_instance", "2026-04-17T09:26:42-04:00", _FARM, "", ""),
            ("transporting", "2026-04-17T11:26:42-04:00", _FARM, f"o {_FARM}", f"l {_PACKER}"),
        ],
    ),
    (
        "cooling",
        _HARVESTED,
        [
            ("receiving", "2026-04-16T09:26:42-04:00", _COOLER, f"l {_FARM}", f"l {_COOLER}"),
            ("other", "2026-04-16T10:26:42-04:00", _COOLER, "", ""),
            ("transporting", "2026-04-17T10:26:42-04:00", _COOLER, f"l {_COOLER}", f"l {_PACKER}"),
        ],
    ),
    (
        "initial-packing",
        _HARVESTED,
        [
            ("creating_class_instance", "2026-04-17T09:26:42-04:00", _FARM, "", ""),
            ("transporting", "2026-04-17T11:26:42-04:00", _FARM, f"o {_FARM}", f"l {_PACKER}"),
            ("receiving", "2026-04-17T16:00:00-04:00", _PACKER, f"l {_FARM}", f"l {_PACKER}"),
            ("other", "2026-04-17T17:30:00-04:00", _PACKER, "", ""),
            ("creating_class_instance", _PACKED_ON, _PACKER, "", ""),
        ],
    ),
    (
        "shipping",
        _PACKED,
        [
            ("creating_class_instance", _TOLD_BY_THE_SHIPPER, _PACKER, "", ""),
            ("packing", _ON_THE_PALLET, _PACKER, "", ""),
            ("shipping", _ON_THE_PALLET, _PACKER, f"l {_PACKER}", f"l {_BUYER}"),
        ],
    ),
    (
        "receiving",
        _PACKED,
        [
            ("creating_class_instance", _TOLD_BY_THE_SHIPPER, _PACKER, "", ""),
            ("receiving", _RECEIVED, _BUYER, f"l {_PACKER}", f"l {_BUYER}"),
        ],
    ),
    ("transformation", _SALAD, [("creating_class_instance", _MIXED, _KITCHEN, "", "")]),
    (
        "first-land-based-receiver",
        _SWORDFISH,
        [("creating_class_instance", "2026-02-23T11:51:08-05:00", _VESSEL_DOCK, "", "")],
    ),
]


@pytest.mark.parametrize(("document", "lot", "table"), _TRACKING_EVENTS)
def test_a_lot_code_tells_where_it_was_from_whom_and_to_whom(
    database: Database, document: str, lot: str, table: list[tuple[str, str, str, str, str]]
) -> None:
    genealogy = record_documents(database, *fsma(document))
    found = [
        (
            (seen.business_step or "").rpartition("BizStep-")[2],
            seen.event_time,
            (seen.read_point or "").removeprefix("https://id.gs1.org/414/"),
            " ".join(f"{one.type[0]} {one.source[-13:]}" for one in seen.sources),
            " ".join(f"{one.type[0]} {one.destination[-13:]}" for one in seen.destinations),
        )
        for seen in history(genealogy, lot)
    ]
    # Events of one moment stand in the order of their IDs, which the documents don't give.
    assert sorted(found) == sorted((step, at(when), *rest) for step, when, *rest in table)
    assert [one[1] for one in found] == [at(when) for _, when, *_ in table]


def test_initial_packing_gives_the_harvested_lot_a_new_lot_code(database: Database) -> None:
    genealogy = record_documents(database, *fsma("initial-packing"))
    certain = ("certain", at(_PACKED_ON))
    forward = track_forward(genealogy, [_HARVESTED], portions=True)
    assert reached(forward) == {_PACKED: certain}
    assert reached(trace_back(genealogy, [_PACKED])) == {_HARVESTED: certain}
    (packed,) = forward.objects()
    assert packed.uom == "LBR"
    assert packed.portion == pytest.approx(25_000)  # All that was harvested is in the cases.
    assert carried(forward) == {}


def test_a_shipped_lot_is_carried_by_its_pallet_and_the_lot_beside_it_is_not_affected(
    database: Database,
) -> None:
    genealogy = record_documents(database, *fsma("shipping"))
    forward = track_forward(genealogy, [_HARVESTED])
    assert reached(forward) == {_PACKED: ("certain", at(_TOLD_BY_THE_SHIPPER))}
    assert carried(forward) == {_PALLET: 1}
    assert inside(genealogy, _PALLET, _ON_THE_PALLET) == {
        _PACKED: (_PALLET, 25.0),
        _BESIDE: (_PALLET, 25.0),
    }
    assert inside(genealogy, _PALLET, "2026-04-19T13:35:17-05:00") == {}
    back = trace_back(genealogy, [_PALLET])
    assert set(reached(back)) == {_PACKED, _BESIDE, _HARVESTED}
    # Of the other lot the document does not say where it came from.
    assert reached(trace_back(genealogy, [_BESIDE])) == {}


def test_a_pallet_observed_on_receipt_holds_what_was_seen_on_it(database: Database) -> None:
    genealogy = record_documents(database, *fsma("receiving"))
    assert inside(genealogy, _PALLET, _RECEIVED) == {_PACKED: (_PALLET, 500.0)}
    here = whereabouts(genealogy, _PACKED)
    assert here.place == f"https://id.gs1.org/414/{_BUYER}"
    assert here.containers == [_PALLET]
    assert here.last_event
    assert [one.source[-13:] for one in here.last_event.sources] == [_PACKER]


def test_a_salad_comes_from_every_ingredient_lot(database: Database) -> None:
    genealogy = record_documents(database, *fsma("transformation"))
    certain = ("certain", at(_MIXED))
    back = trace_back(genealogy, [_SALAD], portions=True)
    assert reached(back) == {_PACKED: certain, _DRESSING: certain}
    assert {one.uri: (one.portion, one.uom) for one in back.objects()} == {
        _PACKED: (100.0, "CS"),
        _DRESSING: (50.0, "CS"),
    }


_CHAIN = ("harvest", "cooling", "initial-packing", "shipping", "transformation")
_CHAIN_FORWARD = {
    # Packed twice by what two parties told, each time from the harvested lot alone: the first
    # of both times counts, and nothing is in doubt.
    _PACKED: ("certain", at(_TOLD_BY_THE_SHIPPER)),
    _SALAD: ("certain", at(_MIXED)),
}
_CHAIN_BACK = {
    _PACKED: ("certain", at(_MIXED)),
    _DRESSING: ("certain", at(_MIXED)),
    _HARVESTED: ("certain", at(_PACKED_ON)),
}


@pytest.mark.parametrize("order", [_CHAIN, _CHAIN[::-1], _CHAIN * 2])
def test_the_documents_of_all_parties_make_one_chain_in_any_order_and_twice(
    database: Database, order: tuple[str, ...]
) -> None:
    genealogy = record_documents(database, *fsma(*order, "first-land-based-receiver"))
    forward = track_forward(genealogy, [_HARVESTED])
    assert (reached(forward), carried(forward)) == (_CHAIN_FORWARD, {_PALLET: 1})
    assert reached(trace_back(genealogy, [_SALAD])) == _CHAIN_BACK
    # On the pallet before the salad was made of the lot, so the pallet leads to the salad.
    assert reached(track_forward(genealogy, [_PALLET])) == {
        _PACKED: ("certain", at(_ON_THE_PALLET)),
        _BESIDE: ("certain", at(_ON_THE_PALLET)),
        _SALAD: ("certain", at(_MIXED)),
    }
    assert reached(track_forward(genealogy, [_SWORDFISH])) == {}
    # Farm and packer both tell of the harvest, with other documents and so as other events;
    # the transport they tell of alike, and it is one.
    told = [step for _, step in steps(genealogy, _HARVESTED)]
    assert (told.count("creating_class_instance"), told.count("transporting")) == (4, 2)


def test_what_shipper_and_receiver_tell_of_one_event_differently_is_refused(
    database: Database,
) -> None:
    # Both documents carry transformation 4898a223: 250 pounds into 25 cases in the one,
    # 25,000 into 500 in the other.
    journal = Journal(database, database.make_tenant("default"))
    shipped, received = (events_of(file) for file in fsma("shipping", "receiving"))
    assert not journal.capture(shipped).problems
    result = journal.capture(received, proceed=True)
    assert [problem.code for problem in result.problems] == ["journal.event_id_taken"]
    genealogy = Genealogy(database, journal.tenant_id)
    assert inside(genealogy, _PALLET, _ON_THE_PALLET)[_PACKED] == (_PALLET, 25.0)
    found = [step for _, step in steps(genealogy, _PACKED)]
    assert found.count("creating_class_instance") == 1
    assert found[-1] == "receiving"


# EPCIS 2.0, 9.6.4, whose comments say what each line means: ten kilograms of lot 4444, thirty
# pieces of lot 987, 220 pieces of a GTIN and two instances made four.
_MADE_2013 = ("certain", at("2013-10-31T14:58:56.591+00:00"))
_GONE_IN = (
    f"{_GTIN}04012345111224/21/25",
    f"{_GTIN}04000001654321/21/99886655",
    f"{_GTIN}04012345111118/10/4444",
    f"{_GTIN}00614141777778/10/987",
    f"{_GTIN}04012345666663",
)
_COME_OUT = tuple(f"{_GTIN}04012345778892/21/{serial}" for serial in (25, 26, 27, 28))
_SAME_MEANING = [
    GS1 / "JSON" / "Example_9.6.4-TransformationEvent.jsonld",
    GS1 / "JSON" / "WithDigitalLinkID" / "Example_9.6.4-TransformationEventWithDigitalLink.jsonld",
    GS1 / "XML" / "Mimasu" / "Example4.xml",
    OPEN / "xml-1.2" / "All_eventTypes_in_single_document.xml",
]


def test_one_transformation_in_every_spelling_makes_the_same_genealogy(
    database: Database,
) -> None:
    for count in range(1, len(_SAME_MEANING) + 1):
        tenant = f"tenant-{count}"
        journal = Journal(database, database.make_tenant(tenant))
        for file in _SAME_MEANING[count - 1 :]:
            assert not journal.capture(events_of(file)).problems
        genealogy = Genealogy(database, journal.tenant_id)
        for one in _COME_OUT:
            assert reached(trace_back(genealogy, [one])) == dict.fromkeys(_GONE_IN, _MADE_2013)
        for one in _GONE_IN:
            assert reached(track_forward(genealogy, [one])) == dict.fromkeys(_COME_OUT, _MADE_2013)


# EPCIS 2.0, 9.6.3, with its meanings: ten units of a GTIN, 200.5 kg of a lot, two instances.
def test_what_is_seen_on_a_pallet_is_inside_it_in_the_stated_quantities(
    database: Database,
) -> None:
    genealogy = record_documents(database, GS1 / "XML" / "Mimasu" / "Example3.xml")
    pallet = "https://id.gs1.org/00/106141412345678908"
    assert inside(genealogy, pallet, "2013-06-08T14:58:56.591+00:00") == {
        f"{_GTIN}10614141073464/21/2017": (pallet, 1.0),
        f"{_GTIN}10614141073464/21/2018": (pallet, 1.0),
        f"{_GTIN}04012345987652": (pallet, 10.0),
        f"{_GTIN}04012345123456/10/998877": (pallet, 200.5),
    }


# EPCIS 2.0, 9.6.1: two instances are shipped, one of them is received elsewhere a day later.
def test_of_two_instances_shipped_together_one_has_arrived(database: Database) -> None:
    genealogy = record_documents(database, GS1 / "JSON" / "Example_9.6.1-ObjectEvent.jsonld")
    places = {
        "2017": ("https://id.gs1.org/414/0614141073467/254/1234", "in_transit"),
        "2018": ("https://id.gs1.org/414/0012345111112", "in_progress"),
    }
    for serial, (place, disposition) in places.items():
        here = whereabouts(genealogy, f"{_GTIN}10614141073464/21/{serial}")
        assert (here.place, (here.disposition or "")[-len(disposition) :]) == (place, disposition)


# WithErrorDeclaration: the transformation of 2020 gave 452 kg by a wrong document; the
# corrective event, a year later, gives 500.
@pytest.mark.parametrize(
    "document",
    [
        GS1 / "JSON" / "WithErrorDeclaration" / "ErrorDeclarationAndCorrectiveEvent.jsonld",
        GS1 / "XML" / "WithErrorDeclaration" / "ErrorDeclarationAndCorrectiveEvent.xml",
    ],
    ids=["json", "xml"],
)
def test_only_the_corrective_event_counts_after_an_error_declaration(
    database: Database, document: Path
) -> None:
    genealogy = record_documents(database, document)
    corrected = ("certain", at("2021-01-28T00:00:00+01:00"))
    made = (f"{_GTIN}04012345333336/21/AGHFG", f"{_GTIN}04012345444445")
    used = (f"{_GTIN}04012345111118/21/987", f"{_GTIN}04012345222227/10/87545GHGH")
    for one in made:
        assert reached(trace_back(genealogy, [one])) == dict.fromkeys(used, corrected)
    forward = track_forward(genealogy, [used[0]], portions=True)
    assert reached(forward) == dict.fromkeys(made, corrected)
    assert len(history(genealogy, made[0])) == 1


def test_a_transformation_that_is_declared_in_error_made_nothing(database: Database) -> None:
    genealogy = record_documents(
        database,
        GS1
        / "JSON"
        / "WithFullCombinationOfFields"
        / "transformation_event_all_possible_fields.jsonld",
    )
    for one in (*_GONE_IN, *_COME_OUT):
        assert reached(track_forward(genealogy, [one])) == {}
        assert reached(trace_back(genealogy, [one])) == {}
        assert history(genealogy, one) == []


# AssociationEvent, cases (a) to (h), as its README says: what was fixed to what, day after day
# in November 2019, each at two o'clock in the afternoon.
_ASSET = "https://id.gs1.org/8003/04012345555554987"
_OTHER_ASSET = "https://id.gs1.org/8003/0401234555555498765"
_COLD_ROOM = "https://id.gs1.org/414/4012345000023/254/12"
_SENSORS = ("https://id.gs1.org/8004/400000112345", "https://id.gs1.org/8004/400000112346")
_LOT_E1, _LOT_E2 = f"{_GTIN}04023333020008/10/123", f"{_GTIN}04012345055559/10/456"
_LOT_F = f"{_GTIN}04023333020008/10/998877"
_FIXED: list[tuple[int, str, dict[str, float]]] = [
    (1, _ASSET, {_SENSORS[0]: 1}),  # (a) assembling
    (2, _COLD_ROOM, {_SENSORS[1]: 1}),  # (b) installing
    (2, _ASSET, {_SENSORS[0]: 1}),
    (4, _ASSET, {}),  # (c) removed the day before, (d) nothing was left
    (5, _ASSET, {_LOT_E1: 600, _LOT_E2: 600}),  # (e)
    (7, _ASSET, {_LOT_E1: 600, _LOT_E2: 600}),
    (7, _OTHER_ASSET, {_SENSORS[0]: 1, _SENSORS[1]: 1, _LOT_F: 4}),  # (f)
    (7, _COLD_ROOM, {}),  # fixed to the other asset the day before
]
_ASSOCIATIONS = {
    "json": sorted((GS1 / "JSON" / "AssociationEvent").glob("*.jsonld")),
    "xml": [GS1 / "XML" / "AssociationEvent" / "AssociationEventExamples.xml"],
}


@pytest.mark.parametrize("form", _ASSOCIATIONS)
def test_parts_are_fixed_to_assets_as_the_cases_say(database: Database, form: str) -> None:
    genealogy = record_documents(database, *_ASSOCIATIONS[form])
    for day, whole, parts in _FIXED:
        moment = f"2019-11-{day:02d}T14:00:00+01:00"
        found = inside(genealogy, whole, moment)
        assert found == {part: (whole, float(count)) for part, count in parts.items()}, moment
    assert all(one.is_fixed for one in contents(genealogy, _OTHER_ASSET))
    # (g) declares (d) in error by its content; the JSON gives both an ID, and not the same.
    told = [step for _, step in steps(genealogy, _ASSET)]
    assert told.count("disassembling") == {"json": 2, "xml": 1}[form]


# GS1 US, DSCSA 2.2.1.1: "1 pallet containing 3 units of GTIN A which in this example represent
# 3 cases of GTIN A with each case containing 4 LSUs"; events E1 to E8.
_UNIT, _DRUG_CASE = f"{_GTIN}00300010123455/21/", f"{_GTIN}10300010123452/21/"
_DRUG_PALLET = "https://id.gs1.org/00/403000112345678901"
_CASES = {"110": range(11, 15), "111": range(15, 19), "121": range(19, 23)}


@pytest.fixture
def drugs(database: Database) -> Genealogy:
    return record_documents(database, OPEN / "xml-1.2" / "GS1_US_Pharma_Example_2_2_1_1.xml")


def test_a_pallet_of_drugs_holds_three_cases_of_four_units(drugs: Genealogy) -> None:
    expected = {_DRUG_CASE + case: (_DRUG_PALLET, 1.0) for case in _CASES}
    for case, serials in _CASES.items():
        expected |= {f"{_UNIT}{serial}": (_DRUG_CASE + case, 1.0) for serial in serials}
    assert inside(drugs, _DRUG_PALLET, "2023-04-01T07:48:16+00:00") == expected
    assert inside(drugs, _DRUG_PALLET, "2023-04-01T06:48:15+00:00") == {}


def test_a_recalled_drug_lot_names_every_unit_and_all_that_carries_it(drugs: Genealogy) -> None:
    forward = track_forward(drugs, [f"{_GTIN}00300010123455/10/A123"])
    units = [f"{_UNIT}{serial}" for serial in range(11, 23)]
    assert reached(forward) == dict.fromkeys(units, ("certain", None))
    assert carried(forward) == {**{_DRUG_CASE + case: 4 for case in _CASES}, _DRUG_PALLET: 12}
    # The cases are of a lot with the same number, but of another product.
    cases = track_forward(drugs, [f"{_GTIN}10300010123452/10/A123"])
    assert set(reached(cases)) >= {_DRUG_CASE + case for case in _CASES}


def test_a_unit_of_a_drug_is_told_through_case_and_pallet(drugs: Genealogy) -> None:
    seen = history(drugs, f"{_UNIT}17")
    table = [  # E1, E4, E7, E8
        ("2023-03-27T06:45:16+00:00", "commissioning", {f"{_UNIT}17"}),
        ("2023-03-27T06:51:16+00:00", "packing", {f"{_UNIT}17", f"{_DRUG_CASE}111"}),
        ("2023-04-01T06:48:16+00:00", "packing", {f"{_DRUG_CASE}111", _DRUG_PALLET}),
        ("2023-04-01T07:48:16+00:00", "shipping", {_DRUG_PALLET}),
    ]
    assert [one.event_time for one in seen] == [at(moment) for moment, _, _ in table]
    assert [set(one.through) for one in seen] == [through for _, _, through in table]
    here = whereabouts(drugs, f"{_UNIT}17")
    assert here.containers == [f"{_DRUG_CASE}111", _DRUG_PALLET]
    assert here.place == "https://id.gs1.org/414/0300011111215"  # "MFG DC"
    assert here.holder == "https://id.gs1.org/414/0300011111116"  # "Source Owning Party is MFG"


def test_before_an_error_was_declared_the_wrong_event_was_known(database: Database) -> None:
    # Case (d) disassembles, (g) declares it in error three days later, in one XML document.
    clock = [datetime(2019, 11, 1, tzinfo=UTC)]
    journal = Journal(database, database.make_tenant("default"), now=lambda: clock[0])
    for event in events_of(_ASSOCIATIONS["xml"][0]):
        clock[0] += timedelta(days=1)
        assert not journal.capture([event]).problems
    genealogy = Genealogy(database, journal.tenant_id)
    before, after = (
        [
            (one.business_step or "")[-13:]
            for one in history(genealogy, _ASSET, as_of=datetime(2019, 11, day, tzinfo=UTC))
        ]
        for day in (7, 8)
    )
    assert before.count("disassembling") == 1
    assert after.count("disassembling") == 0
