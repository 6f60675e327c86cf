"""Every event is valid EPCIS 2.0, for the standard's own schema and for our own reader."""

import io
import json
from collections import Counter

import jsonschema
import pytest

from suyuan.demo import DairyPlant
from suyuan.event import Event, EventType, event_hash, read_json, read_json_stream
from suyuan.identifier import canonical_uri, epc_urn, parse
from tests.conformance import conformance_dir

PLANT = DairyPlant(seed=9, events=6_000)
LINES = b"".join(PLANT.iter_ndjson())


@pytest.fixture(scope="module")
def events() -> list[Event]:
    read = list(read_json_stream(io.BytesIO(LINES)))
    return [event for event in read if isinstance(event, Event)]


def shape(body: dict[str, object]) -> str:
    """Tell events apart by what they are made of, so that one of each kind can be checked."""
    parts = [f"{key}:{type(body[key]).__name__}" for key in sorted(body)]
    return " ".join([str(body["type"]), str(body.get("bizStep")), *parts])


def test_one_event_of_each_shape_fits_the_schema_of_the_standard() -> None:
    folder = conformance_dir("gs1-epcis")
    schema = json.loads((folder / "EPCIS-JSON-Schema.json").read_text(encoding="utf-8"))
    checker = jsonschema.Draft7Validator(schema)
    shapes = {shape(body): body for body in map(json.loads, LINES.splitlines())}
    assert len(shapes) > 40
    for body in shapes.values():
        checker.validate(body)


def test_document_fits_the_schema_of_the_standard() -> None:
    folder = conformance_dir("gs1-epcis")
    schema = json.loads((folder / "EPCIS-JSON-Schema.json").read_text(encoding="utf-8"))
    file = io.BytesIO()
    PLANT.write_document(file)
    document = json.loads(file.getvalue())
    del document["epcisBody"]["eventList"][200:]
    jsonschema.Draft7Validator(schema).validate(document)


def test_every_event_is_valid_for_our_own_reader(events: list[Event]) -> None:
    assert len(events) == LINES.count(b"\n")


def test_document_is_valid_for_our_own_reader(events: list[Event]) -> None:
    file = io.BytesIO()
    PLANT.write_document(file)
    document = read_json(file.getvalue())
    assert document.is_valid
    assert len(document.events) == len(events)


def test_all_five_event_types_are_told(events: list[Event]) -> None:
    assert {event.event_type for event in events} == set(EventType)


def test_only_repeated_events_and_error_declarations_share_an_id(events: list[Event]) -> None:
    names = Counter(event.event_id or event_hash(event) for event in events)
    bodies: dict[str, set[str]] = {}
    for event in events:
        if not event.is_error_declaration:
            text = json.dumps(event.body, sort_keys=True, default=str)
            bodies.setdefault(event.event_id or event_hash(event), set()).add(text)
    assert all(len(texts) == 1 for texts in bodies.values())
    declared = [event.event_id for event in events if event.is_error_declaration]
    assert len(declared) == len(set(declared)) == 3
    repeated = [name for name, number in names.items() if number > 1 and name not in declared]
    assert repeated


def test_corrective_events_follow_their_declarations(events: list[Event]) -> None:
    places = {event.event_id: place for place, event in enumerate(events)}
    for place, event in enumerate(events):
        if event.is_error_declaration:
            (corrective,) = event.body["errorDeclaration"]["correctiveEventIDs"]
            assert places[corrective] > place
            assert events[places[corrective]].event_time == event.event_time


def test_partners_write_urns_and_the_plant_writes_digital_links(events: list[Event]) -> None:
    spelled = Counter(str(event.body.get("readPoint", {}).get("id"))[:8] for event in events)
    assert spelled["urn:epc:"] > 300
    assert spelled["https://"] > 300


def test_every_key_is_right_and_has_one_spelling_as_urn() -> None:
    """The demo spells keys itself, for speed; the identifier package judges them."""
    names = {
        name
        for body in map(json.loads, LINES.splitlines())
        for field in ("epcList", "childEPCs", "inputEPCList", "outputEPCList")
        for name in body.get(field, ())
    }
    names |= {str(entry["id"]) for entry in PLANT.master_data()}
    for name in names:
        canonical = canonical_uri(name)
        assert parse(name).canonical == canonical
        if name.startswith("urn:"):
            assert epc_urn(canonical) == name
        else:
            assert canonical == name


def test_events_are_of_ordinary_size() -> None:
    default = b"".join(DairyPlant(events=12_000).iter_ndjson())
    assert 750 < len(default) / default.count(b"\n") < 1_100


def test_moments_coincide_somewhere(events: list[Event]) -> None:
    moments = Counter(event.event_time for event in events)
    assert moments.most_common(1)[0][1] > 1


def test_units_of_mass_volume_and_count_occur(events: list[Event]) -> None:
    units = {mention[3] for event in events for mention in event.mentions if mention[2] is not None}
    assert {"KGM", "GRM", "LTR", None} <= units
