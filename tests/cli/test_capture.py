"""`suyuan capture`: goes on after errors, ends with a summary, can be repeated."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from suyuan.store import Database
from tests.cli.conftest import Suyuan
from tests.conformance import conformance_dir
from tests.events import body

Answer = Callable[..., Any]


def _lines(numbers: Iterable[int], **fields: Any) -> bytes:
    return b"".join(msgspec.json.encode(body(number, **fields)) + b"\n" for number in numbers)


def test_lines_are_captured_and_capturing_them_again_changes_nothing(
    answer: Answer, tmp_path: Path
) -> None:
    file = tmp_path / "events.ndjson"
    file.write_bytes(_lines(range(10)))
    first, second = answer("capture", file), answer("capture", file)
    assert (first["captured"], first["duplicates"], first["sequence"]) == (10, 0, 10)
    assert (second["captured"], second["duplicates"], second["sequence"]) == (0, 10, 10)


def test_a_folder_is_captured_with_everything_in_it(answer: Answer, tmp_path: Path) -> None:
    folder = tmp_path / "in" / "deep"
    folder.mkdir(parents=True)
    (folder / "a.ndjson").write_bytes(_lines(range(3)))
    (folder.parent / "b.json.gz").write_bytes(gzip.compress(_lines(range(3, 5))))
    (folder.parent / "notes.txt").write_text("not an event")
    summary = answer("capture", tmp_path / "in")
    assert (summary["files"], summary["captured"], summary["errors"]) == (2, 5, [])


def test_standard_input_is_read_for_a_dash(answer: Answer) -> None:
    assert answer("capture", "-", given=_lines(range(4)))["captured"] == 4


def test_a_bad_event_is_named_and_the_others_are_taken(suyuan: Suyuan, tmp_path: Path) -> None:
    file = tmp_path / "events.ndjson"
    file.write_bytes(_lines([1]) + _lines([2], action="SHOVE") + b"{broken\n" + _lines([3]))
    result = suyuan("capture", file)
    assert result.exit_code == 1
    assert "SHOVE" in result.stdout
    assert "2 events captured, 0 known before, 2 refused" in result.stdout


def test_capture_tells_what_is_wrong_as_check_does(suyuan: Suyuan, tmp_path: Path) -> None:
    lines, broken = tmp_path / "events.ndjson", tmp_path / "broken.json"
    lines.write_bytes(_lines([1]) + _lines([2], action="SHOVE", bizStep="shiping") + b"{broken\n")
    broken.write_bytes(b'{"type": "EPCISDocument",')
    files = (lines, broken, tmp_path / "none.json")
    for language in ("en", "zh"):
        checked = suyuan("check", *files, "--lang", language).stdout.splitlines()
        told = [line for line in checked if not line.startswith(("INVALID", "无效"))]
        captured = suyuan("capture", *files, "--lang", language).stdout.splitlines()
        assert captured[:-1] == told
        assert any(line.startswith("    ") and "SHOVE" in line for line in told)


def test_an_event_that_the_journal_refuses_is_told_by_its_place(
    suyuan: Suyuan, tmp_path: Path
) -> None:
    file = tmp_path / "events.ndjson"
    file.write_bytes(_lines([1, 2], eventID="urn:uuid:00000000-0000-4000-8000-000000000001"))
    said = suyuan("capture", file).stdout
    assert f"{file}: event 2: event ID urn:uuid:" in said


def test_many_problems_are_counted_and_the_first_shown(
    suyuan: Suyuan, answer: Answer, tmp_path: Path
) -> None:
    file = tmp_path / "events.ndjson"
    file.write_bytes(_lines(range(25), action="SHOVE"))
    said = suyuan("capture", file).stdout
    assert said.count("[event.action_unknown]") == 20
    assert "… and 5 more problems" in said
    summary = answer("capture", file)
    assert (summary["problems"], len(summary["errors"])) == (25, 25)
    assert summary["errors"][0]["where"] == "line 1/action"


def test_strict_stops_at_the_first_refusal(answer: Answer, tmp_path: Path) -> None:
    bad, good = tmp_path / "a.ndjson", tmp_path / "b.ndjson"
    bad.write_bytes(_lines([1], action="SHOVE"))
    good.write_bytes(_lines([2]))
    summary = answer("capture", "--strict", bad, good)
    assert (summary["files"], summary["captured"], summary["refused"]) == (1, 0, 1)


def test_a_missing_file_is_a_clear_error_and_the_rest_is_captured(
    suyuan: Suyuan, tmp_path: Path
) -> None:
    good = tmp_path / "b.ndjson"
    good.write_bytes(_lines([2]))
    result = suyuan("capture", tmp_path / "none.json", good)
    assert result.exit_code == 1
    assert "none.json can't be read: No such file or directory" in result.stdout
    assert "1 event captured" in result.stdout


def test_a_damaged_gzip_file_keeps_what_came_before_the_damage(
    answer: Answer, tmp_path: Path
) -> None:
    file = tmp_path / "events.ndjson.gz"
    file.write_bytes(gzip.compress(_lines(range(20_000)), compresslevel=1)[:-5_000])
    summary = answer("capture", file)
    assert summary["errors"][0]["code"] == "cli.file_unreadable"
    assert 0 < summary["captured"] < 20_000


def test_one_thing_is_counted_in_the_singular(suyuan: Suyuan) -> None:
    assert "1 event captured" in suyuan("capture", "-", given=_lines([1])).stdout
    said = suyuan("verify").stdout
    assert said.startswith("1 entry, 2 postings, 1 checkpoint, 1 tile ")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_summary_speaks_the_language_asked_for(
    suyuan: Suyuan, tmp_path: Path, language: str
) -> None:
    file = tmp_path / "events.ndjson"
    file.write_bytes(_lines(range(2)))
    said = suyuan("capture", file, "--lang", language).stdout
    assert ("入账 2 条" in said) is (language == "zh")


def test_documents_of_the_standard_s_authors_go_in(answer: Answer) -> None:
    folder = conformance_dir("gs1-epcis", "JSON")
    summary = answer("capture", folder)
    # Three of the examples give an event ID that another example gives to another event.
    assert [error["code"] for error in summary["errors"]] == ["journal.event_id_taken"] * 3
    assert summary["captured"] > 45


def test_what_was_captured_verifies(answer: Answer) -> None:
    answer("capture", "-", given=_lines(range(30)))
    report = answer("verify")
    assert (report["sound"], report["entries"], report["covered"]) == (True, 30, 30)


def test_master_data_of_a_document_is_kept_with_it(answer: Answer, database: Database) -> None:
    folder = conformance_dir("gs1-epcis", "XML", "Mimasu")
    assert answer("capture", folder / "Example-masterData.xml")["master_data"] == 7
    assert answer("capture", folder / "Example-masterData.xml")["master_data"] == 0
    with database.tenant(database.tenant_id("default")) as connection:
        rows = connection.execute("SELECT DISTINCT vocabulary FROM journal.master_data ORDER BY 1")
        assert [row[0].rpartition(":")[2] for row in rows] == ["BusinessLocation", "ReadPoint"]
