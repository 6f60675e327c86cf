"""Each code of the story is in the record, and shows what its sentence says."""

import json
import re
from pathlib import Path

import pytest

from suyuan.demo import DairyPlant, StoryCode
from suyuan.identifier import canonical_uri, parse
from tests.demo.record import Entry, Told, told


@pytest.fixture(scope="module")
def told_default() -> Told:
    return told()


@pytest.fixture(scope="module")
def plant(told_default: Told) -> DairyPlant:
    return told_default.plant


@pytest.fixture(scope="module")
def story(plant: DairyPlant) -> dict[str, StoryCode]:
    return {code.key: code for code in plant.story()}


@pytest.fixture
def bodies(told_default: Told) -> list[dict[str, object]]:
    return told_default.bodies


@pytest.fixture
def entries(told_default: Told) -> list[Entry]:
    return told_default.entries


def names(entry: Entry) -> set[str]:
    amounts = entry.amounts + entry.input_amounts + entry.output_amounts
    lots = {name for name, _, _ in amounts}
    return {*entry.epcs, *entry.inputs, *entry.outputs, entry.parent, *lots}


def about(entries: list[Entry], code: StoryCode) -> list[Entry]:
    return [entry for entry in entries if code.code in names(entry)]


def test_story_is_complete_in_two_languages(story: dict[str, StoryCode]) -> None:
    assert len(story) == 18
    for code in story.values():
        assert code.title_en
        assert code.en.endswith(".")
        assert code.zh.endswith("。")
        assert not code.zh.isascii()
        assert not code.title_zh.isascii()


def test_every_code_can_be_typed_as_it_is_printed(story: dict[str, StoryCode]) -> None:
    for code in story.values():
        assert canonical_uri(code.code) == code.code
        assert parse(code.scan).canonical == code.code


def test_every_code_is_in_the_record(entries: list[Entry], story: dict[str, StoryCode]) -> None:
    assert not [key for key, code in story.items() if not about(entries, code)]


@pytest.mark.parametrize("seed", [11, 12, 13, 14])
def test_story_is_complete_for_every_seed(seed: int) -> None:
    assert len(DairyPlant(seed=seed, events=6_000).story()) == 18


def test_contaminated_lot_is_found_out_on_the_last_day(
    entries: list[Entry], story: dict[str, StoryCode], plant: DairyPlant
) -> None:
    seen = about(entries, story["contaminated_lot"])
    result = seen[-1]
    assert result.body["disposition"] == "non_conformant"
    assert result.time > plant.end.timestamp() - 24 * 3600
    assert result.time - seen[0].time > 7 * 24 * 3600


def test_twin_lot_has_the_same_number_and_another_product(story: dict[str, StoryCode]) -> None:
    twin, lot = story["twin_lot"].code.split("/"), story["contaminated_lot"].code.split("/")
    assert twin[-1] == lot[-1]
    assert twin[4] != lot[4]


def test_mixed_pallet_carries_affected_and_clean_cases(
    entries: list[Entry], story: dict[str, StoryCode], plant: DairyPlant, told_default: Told
) -> None:
    stays = told_default.containers.by_parent[story["mixed_pallet"].code]
    affected = set(plant.truth().cases)
    assert {stay.child in affected for stay in stays} == {True, False}


def test_lost_load_is_shipped_and_never_received(
    entries: list[Entry], story: dict[str, StoryCode]
) -> None:
    steps = [entry.step for entry in about(entries, story["lost_load"])]
    assert "shipping" in steps
    assert "receiving" not in steps


def test_warm_pallet_is_refused_and_destroyed(
    entries: list[Entry], story: dict[str, StoryCode]
) -> None:
    seen = about(entries, story["cold_chain_pallet"])
    assert [e.step for e in seen][-4:] == ["inspecting", "shipping", "receiving", "destroying"]
    left, arrived = (
        next(e.time for e in seen if e.step == step) for step in ("shipping", "receiving")
    )
    readings = [e for e in about(entries, story["truck"]) if left < e.time < arrived]
    reports = [e.body["sensorElementList"][0]["sensorReport"][0] for e in readings]
    assert max(report["value"] for report in reports) > 10
    assert any(report.get("exception") == "ALARM_CONDITION" for report in reports)


def test_sensor_of_the_lorry_is_replaced(entries: list[Entry], story: dict[str, StoryCode]) -> None:
    fixed = [e for e in about(entries, story["truck"]) if e.kind == "AssociationEvent"]
    assert [entry.action for entry in fixed] == ["ADD", "DELETE", "ADD"]
    assert fixed[0].epcs == fixed[1].epcs != fixed[2].epcs


def test_reused_crate_has_an_affected_trip_and_a_clean_one(
    entries: list[Entry], story: dict[str, StoryCode], plant: DairyPlant, told_default: Told
) -> None:
    stays = told_default.containers.by_parent[story["reused_crate"].code]
    affected = {lot.uri for lot in plant.truth().lots}
    assert {stay.child in affected for stay in stays} == {True, False}


def test_repacked_carton_was_in_two_cases(
    entries: list[Entry], story: dict[str, StoryCode], told_default: Told
) -> None:
    stays = told_default.containers.by_child[story["repacked_carton"].code]
    assert len(stays) == 2
    assert stays[0].end <= stays[1].start


def test_rework_lot_was_made_of_crates_scanned_as_they_stood(
    entries: list[Entry], story: dict[str, StoryCode]
) -> None:
    code = story["rework_lot"].code
    groups = {e.group for e in entries if code in {name for name, _, _ in e.output_amounts}}
    inputs = {n for e in entries if e.group in groups for n, _, _ in e.input_amounts}
    tipped = [e for e in entries if e.inputs]
    assert len(tipped) == 1
    assert all("/8003/" in crate for crate in tipped[0].inputs)
    assert inputs & {name for name, _, _ in tipped[0].output_amounts}


def test_wrong_pallet_was_declared_in_error(
    bodies: list[dict[str, object]], story: dict[str, StoryCode]
) -> None:
    code = story["wrong_pallet"].code
    declared = [
        body for body in bodies if "errorDeclaration" in body and body.get("parentID") == code
    ]
    assert len(declared) == 1


def test_refused_milk_never_reaches_a_silo(
    entries: list[Entry], story: dict[str, StoryCode]
) -> None:
    seen = about(entries, story["refused_lot"])
    assert seen[-1].step == "destroying"
    assert not [e for e in seen if e.kind == "TransformationEvent" and e.step != "sampling"]


def test_syrup_lot_is_in_many_lots(entries: list[Entry], story: dict[str, StoryCode]) -> None:
    seen = about(entries, story["shared_syrup"])
    groups = {e.group for e in seen if e.kind == "TransformationEvent"}
    made = {name for e in entries if e.group in groups for name, _, _ in e.output_amounts}
    assert len(made) >= 14


def test_buttermilk_goes_to_a_farm_and_comes_of_the_churn_that_made_butter(
    entries: list[Entry], story: dict[str, StoryCode]
) -> None:
    seen = about(entries, story["buttermilk"])
    assert [entry.step.rsplit("/", 1)[-1] for entry in seen] == [
        "churning",
        "shipping",
        "receiving",
    ]
    assert len(seen[0].output_amounts) == 3


def test_names_of_persons_are_in_master_data_and_in_no_event(
    plant: DairyPlant, bodies: list[dict[str, object]]
) -> None:
    people = [entry for entry in plant.master_data() if entry["kind"] == "person"]
    assert len(people) == 18
    text = json.dumps(bodies, default=str, ensure_ascii=False)
    for person in people:
        name = person["name"]
        assert isinstance(name, dict)
        assert name["en"] not in text
        assert name["zh"] not in text


def test_every_place_asset_and_person_of_the_events_is_in_master_data(
    entries: list[Entry], plant: DairyPlant
) -> None:
    known = {str(entry["id"]) for entry in plant.master_data()}
    for entry in entries:
        assert entry.place in known or entry.place.startswith("geo:")
        operator = entry.body.get("suyuan:operator")
        assert operator is None or operator in known
        equipment = entry.body.get("suyuan:equipment")
        assert equipment is None or equipment in known


def test_every_product_of_the_events_is_in_master_data(
    entries: list[Entry], plant: DairyPlant
) -> None:
    known = {str(entry["id"]) for entry in plant.master_data()}
    used = {"/".join(n.split("/")[:5]) for e in entries for n in names(e) if "/01/" in n}
    assert used <= known


def test_master_data_has_each_key_once_and_both_languages() -> None:
    entries = DairyPlant(events=100_000).master_data()
    keys = [(entry["kind"], entry["id"]) for entry in entries]
    assert len(keys) == len(set(keys))
    for entry in entries:
        name = entry["name"]
        assert isinstance(name, dict)
        assert name["en"]
        assert name["zh"]
        assert not name["zh"].isascii()
    levels = {entry["level"] for entry in entries if entry["kind"] == "place"}
    assert levels == {"site", "area", "work_center", "work_unit", "storage_zone"}


def test_vocabularies_hold_every_entry_with_both_names(plant: DairyPlant) -> None:
    entries = {str(entry["id"]): entry for entry in plant.master_data()}
    kinds = {}
    for vocabulary in plant.vocabularies():
        elements = vocabulary["vocabularyElementList"]
        assert isinstance(elements, list)
        for element in elements:
            kinds[element["id"]] = vocabulary["type"]
            texts = {one["attribute"] for one in element["attributes"]}
            name = entries[element["id"]]["name"]
            assert isinstance(name, dict)
            assert {name["en"], name["zh"]} <= texts
    assert kinds.keys() == entries.keys()
    assert len(set(kinds.values())) == 5


def test_guide_names_every_code_and_figure_of_the_default_demo(
    story: dict[str, StoryCode], plant: DairyPlant
) -> None:
    root = Path(__file__).resolve().parents[2]
    page = (root / "docs" / "guide" / "demo-dairy.md").read_text(encoding="utf-8")
    assert not [code.key for code in story.values() if f"`{code.scan}`" not in page]
    printed = set(re.findall(r"`(\(\d+\)[^`]+)`", page))
    assert printed == {code.scan for code in story.values()}
    truth = plant.truth()
    cases = [
        case for case in truth.cases if case.startswith("https://id.gs1.org/01/19521001000229/")
    ]
    assert f"{len(cases) - 1} cases and a repacked one" in page
    assert f"{len(truth.crates)} crates" in page
    assert f"{len(truth.pallets)} pallets and loads" in page
    assert f"{len(truth.shops)} of the 12 shops" in page
    assert f"At {truth.result_at:%H:%M} the laboratory" in page
    assert (len(truth.finished_lots), len(truth.in_stock)) == (5, 1)
