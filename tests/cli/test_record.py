"""Commands that only look make nothing, and codes may be typed as they stand on a label."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from suyuan.errors import NotFound, Refused
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
