"""The genealogy beside a journal that goes on: what is asked right after a capture sees it."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec
import pytest

from suyuan.event import read_json
from suyuan.journal import Journal
from suyuan.store import Database
from suyuan.trace import Genealogy, _genealogy, contents, trace_back, track_forward

_LOT = "https://id.gs1.org/01/09521234123453/10/{}"
_SSCC = "https://id.gs1.org/00/095212345678901235"


def _capture(journal: Journal, *events: dict[str, object]) -> None:
    document = read_json(msgspec.json.encode(list(events)))
    assert not document.problems
    assert not journal.capture(document.events).problems


def _made(taken: str, given: str, second: int = 0, **more: object) -> dict[str, object]:
    return {
        "type": "TransformationEvent",
        "eventTime": f"2026-03-01T08:00:{second:02d}Z",
        "eventTimeZoneOffset": "+08:00",
        "inputQuantityList": [{"epcClass": _LOT.format(taken), "quantity": 1, "uom": "KGM"}],
        "outputQuantityList": [{"epcClass": _LOT.format(given), "quantity": 1, "uom": "KGM"}],
    } | more


def _packed(action: str, second: int, *serials: int, **more: object) -> dict[str, object]:
    return {
        "type": "AggregationEvent",
        "eventTime": f"2026-03-01T09:00:{second:02d}Z",
        "eventTimeZoneOffset": "+08:00",
        "action": action,
        "parentID": _SSCC,
        "childEPCs": [f"https://id.gs1.org/01/09521234123453/21/{one}" for one in serials],
    } | more


def _reached(genealogy: Genealogy, lot: str) -> set[str]:
    return {one.uri.rpartition("/")[2] for one in track_forward(genealogy, [lot]).objects()}


@pytest.fixture
def journal(database: Database) -> Journal:
    return Journal(database, database.make_tenant("default"))


def test_everybody_sees_his_own_capture_while_others_capture_too(
    database: Database, journal: Journal
) -> None:
    _capture(journal, _made("first", "zero-0"))
    genealogy = Genealogy(database, journal.tenant_id, source="index")
    genealogy.get_ready()

    def work(worker: int) -> None:
        for number in range(12):
            _capture(journal, _made(f"of-{worker}", f"out-{worker}-{number}", number))
            expected = {f"out-{worker}-{one}" for one in range(number + 1)}
            assert _reached(genealogy, _LOT.format(f"of-{worker}")) == expected

    with ThreadPoolExecutor(6) as pool:
        for done in [pool.submit(work, worker) for worker in range(6)]:
            done.result()


@pytest.mark.parametrize("is_ready", [True, False])
def test_what_comes_too_late_is_put_in_its_place(
    database: Database, journal: Journal, is_ready: bool
) -> None:
    genealogy = Genealogy(database, journal.tenant_id)
    _capture(journal, _packed("ADD", 10, 1, 2, 3))
    if is_ready:
        genealogy.get_ready()
    assert len(contents(genealogy, _SSCC)) == 3
    # It was emptied before that, which nobody told in time.
    _capture(journal, _packed("ADD", 5, 7, 8))
    assert {one.uri[-1] for one in contents(genealogy, _SSCC)} == {"1", "2", "3", "7", "8"}
    _capture(journal, _packed("DELETE", 7))
    assert {one.uri[-1] for one in contents(genealogy, _SSCC)} == {"1", "2", "3"}
    genealogy.get_ready()
    assert {one.uri[-1] for one in contents(genealogy, _SSCC)} == {"1", "2", "3"}


def test_a_correction_counts_in_the_next_question(database: Database, journal: Journal) -> None:
    event = _made("A", "B")
    _capture(journal, event, _made("A", "C", 1))
    genealogy = Genealogy(database, journal.tenant_id)
    genealogy.get_ready()
    assert _reached(genealogy, _LOT.format("A")) == {"B", "C"}
    with database.tenant(journal.tenant_id, read_only=True) as connection:
        ((event_id,),) = connection.execute(
            "SELECT event_id FROM journal.event WHERE sequence = 1"
        ).fetchall()
    declared = {
        "declarationTime": "2026-03-02T08:00:00Z",
        "reason": "https://ref.gs1.org/cbv/ER-incorrect_data",
    }
    _capture(journal, event | {"eventID": event_id, "errorDeclaration": declared})
    assert _reached(genealogy, _LOT.format("A")) == {"C"}
    genealogy.get_ready()
    assert _reached(genealogy, _LOT.format("A")) == {"C"}


def test_an_index_is_mapped_from_its_snapshot_and_goes_on(
    database: Database, journal: Journal, tmp_path: Path
) -> None:
    _capture(journal, _made("A", "B"), _packed("ADD", 1, 1, 2))
    Genealogy(database, journal.tenant_id, tmp_path).get_ready()
    (snapshot,) = (tmp_path / str(journal.tenant_id)).iterdir()
    assert snapshot.name == "2"
    _capture(journal, _made("B", "C", 1), _packed("ADD", 2, 3))
    others = [Genealogy(database, journal.tenant_id, tmp_path, source="index") for _ in range(2)]
    for other in others:
        other.get_ready()
        assert _reached(other, _LOT.format("A")) == {"B", "C"}
        assert len(contents(other, _SSCC)) == 3
    _capture(journal, _made("C", "D", 2))
    for other in others:
        assert _reached(other, _LOT.format("A")) == {"B", "C", "D"}
        assert {one.uri[-1] for one in trace_back(other, [_LOT.format("D")]).objects()} == set(
            "ABC"
        )
    # Whatever those who mapped it took in, it stands for the position of its name.
    assert _reached(Genealogy(database, journal.tenant_id), _LOT.format("A")) == {"B", "C", "D"}


def test_what_one_process_has_merged_another_maps(
    database: Database, journal: Journal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_genealogy, "_MERGED_EVENTS_MIN", 4)
    _capture(journal, _made("A", "B"))
    one, other = (
        Genealogy(database, journal.tenant_id, tmp_path, source="index") for _ in range(2)
    )

    def snapshots() -> list[str]:
        return [place.name for place in (tmp_path / str(journal.tenant_id)).iterdir()]

    for genealogy in (one, other):
        genealogy.get_ready()
    _capture(journal, *(_made(f"B{number}", "C", number) for number in range(5)))
    assert _reached(one, _LOT.format("A")) == {"B"}  # And merges, in a thread of its own.
    one.get_ready()
    assert snapshots() == ["6"]
    _capture(journal, _made("B", "D", 9))
    # The other would merge now, up to here; it finds that most of that is done.
    assert _reached(other, _LOT.format("A")) == {"B", "D"}
    other.get_ready()
    assert snapshots() == ["6"]
    assert _reached(other, _LOT.format("A")) == {"B", "D"}
    _capture(journal, *(_made(f"E{number}", "F", 10 + number) for number in range(5)))
    assert _reached(other, _LOT.format("E1")) == {"F"}
    other.get_ready()
    assert snapshots() == ["12"]


@pytest.mark.parametrize("harm", ["cut", "missing", "words", "ahead"])
def test_a_snapshot_that_does_not_fit_is_passed_over(
    database: Database, journal: Journal, tmp_path: Path, harm: str
) -> None:
    _capture(journal, _made("A", "B"))
    Genealogy(database, journal.tenant_id, tmp_path).get_ready()
    folder = tmp_path / str(journal.tenant_id) / "1"
    match harm:
        case "cut":
            os.truncate(folder / "tails", 10)
        case "missing":
            (folder / "heads").unlink()
        case "words":
            (folder / "index.json").write_text("no words", encoding="utf-8")
        case "ahead":
            folder.rename(folder.with_name("9"))
    _capture(journal, _made("B", "C", 1))
    genealogy = Genealogy(database, journal.tenant_id, tmp_path, source="index")
    genealogy.get_ready()
    assert _reached(genealogy, _LOT.format("A")) == {"B", "C"}


def test_a_snapshot_of_another_journal_is_passed_over(
    database: Database, journal: Journal, tmp_path: Path
) -> None:
    _capture(journal, _made("A", "B"))
    Genealogy(database, journal.tenant_id, tmp_path).get_ready()
    other = Journal(database, database.make_tenant("other"))
    _capture(other, _made("A", "Z"))
    (tmp_path / str(journal.tenant_id)).rename(tmp_path / str(other.tenant_id))
    genealogy = Genealogy(database, other.tenant_id, tmp_path, source="index")
    genealogy.get_ready()
    assert _reached(genealogy, _LOT.format("A")) == {"Z"}
