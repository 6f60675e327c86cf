"""Commands that only look make nothing, and codes may be typed as they stand on a label."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from suyuan.errors import InvalidInput, NotFound, Refused
from tests.cli.conftest import Suyuan
from tests.events import body


@pytest.mark.parametrize("command", [["verify"], ["events"], ["api-key"], ["backup", "file"]])
def test_a_command_that_looks_into_a_folder_without_record_says_so_and_makes_nothing(
    suyuan: Suyuan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: list[str]
) -> None:
    monkeypatch.delenv("SUYUAN_DATABASE_URL")
    result = suyuan(*command, "--data", tmp_path / "mistyped")
    assert isinstance(result.exception, NotFound)
    assert result.exception.code == "cli.record_missing"
    assert not (tmp_path / "mistyped").exists()


def test_a_backup_never_overwrites_a_file(suyuan: Suyuan, tmp_path: Path) -> None:
    file = tmp_path / "record.backup"
    file.write_text("precious")
    result = suyuan("backup", file)
    assert isinstance(result.exception, Refused)
    assert file.read_text() == "precious"


def test_a_code_from_a_label_finds_its_events(suyuan: Suyuan, answer: Callable[..., Any]) -> None:
    answer("capture", "-", given=b"\n".join(msgspec.json.encode(body(n)) for n in (7, 8)))
    for spelled in (
        ["--epc", "(01)09521234123453(21)7"],
        ["--epc", "urn:epc:id:sgtin:9521234.012345.7"],
        ["MATCH_anyEPC=(01)09521234123453(21)7"],
    ):
        lines = suyuan("events", *spelled, "--json").stdout.splitlines()
        assert [msgspec.json.decode(line)["plant:number"] for line in lines] == [7]


def test_an_event_is_proven_by_the_number_that_the_listing_shows(
    suyuan: Suyuan, answer: Callable[..., Any], tmp_path: Path
) -> None:
    declared = {"errorDeclaration": {"declarationTime": "2026-03-02T00:00:00Z"}}
    same = body(1, eventID="urn:uuid:00000000-0000-4000-8000-000000000001")
    events = [same, same | declared]
    answer("capture", "-", given=b"\n".join(map(msgspec.json.encode, events)))
    number = suyuan("events", "--limit", "1").stdout.split()[0]
    assert number == "2"
    by_number, by_id = tmp_path / "number", tmp_path / "id"
    assert suyuan("proof", number, "-o", by_number).exit_code == 0
    assert suyuan("proof", same["eventID"], "--declaration", "-o", by_id).exit_code == 0
    assert by_number.read_bytes() == by_id.read_bytes()
    for missing in ("0", "3", "9" * 400):
        refused = suyuan("proof", missing, "-o", tmp_path / "none").exception
        assert isinstance(refused, NotFound)
        assert refused.code == "journal.event_unknown"


def test_a_mistyped_key_is_told_before_anything_is_verified(
    suyuan: Suyuan, answer: Callable[..., Any], tmp_path: Path
) -> None:
    answer("capture", "-", given=msgspec.json.encode([body(1)]))
    refused = suyuan("verify", "--key", "wrong")
    assert isinstance(refused.exception, InvalidInput)
    assert "changed" not in refused.stdout
