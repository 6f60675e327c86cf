"""What the benchmarks capture is what their plant says, and what goes on in it is new."""

from __future__ import annotations

from io import BytesIO

from suyuan.bench._trace_events import ongoing_documents, plant_ndjson, unit_codes
from suyuan.bench._trace_plant import make_plant
from suyuan.event import read
from suyuan.journal import Journal, capture_stream
from suyuan.store import Database
from suyuan.trace import Genealogy, Rehearsal, trace_back, track_forward


def test_a_plant_captured_answers_as_its_arrays_do(database: Database, journal: Journal) -> None:
    plant = make_plant(2_000)
    results = list(capture_stream(journal, BytesIO(b"".join(plant_ndjson(plant)))))
    assert sum(result.captured for result in results) == len(plant.times)
    genealogy, rehearsal = Genealogy(database, journal.tenant_id), Rehearsal(plant)
    codes = unit_codes(plant)
    assert len(codes) == 2_000
    for code in (codes[0], codes[-1]):
        assert trace_back(genealogy, [code]).count == 20
    forward = track_forward(genealogy, [f"urn:epc:class:lgtin:9521234.000002.R{plant.every}"])
    assert forward.count == rehearsal.forward(plant.every)


def test_what_goes_on_is_valid_and_was_never_told_before(journal: Journal) -> None:
    first, second = ongoing_documents(2, 8)
    for document in (first, second):
        events = read(document)
        assert not events.problems
        assert journal.capture(events.events).captured == 8
    assert ongoing_documents(1, 16) == [first + second]
