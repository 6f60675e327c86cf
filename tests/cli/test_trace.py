"""`suyuan trace` and its kin: a tree to read, every format to take away."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from typer.testing import Result

from suyuan.errors import SuyuanError
from tests.cli.conftest import Suyuan
from tests.trace.story import serial
from tests.trace.traps import TRAPS

Answer = Callable[..., Any]
_STORY = next(trap for trap in TRAPS if trap.number == 22)
_FORWARD = next(one for one in _STORY.answers if one[0].kind == "track_forward")
_START, _REACHED = _FORWARD[0].starts[0], _FORWARD[1]


@pytest.fixture
def recorded(answer: Answer, tmp_path: Path) -> None:
    """Capture the story of a serial number whose raw lot is recorded against its lot."""
    file = tmp_path / "story.ndjson"
    lines = [msgspec.json.encode(entry.event) for entry in _STORY.story.entries]
    file.write_bytes(b"\n".join(lines))
    assert answer("capture", file)["refused"] == 0


def _code(result: Result) -> str:
    """Give the code of the error that ended a command."""
    assert isinstance(result.exception, SuyuanError)
    return result.exception.code


@pytest.mark.usefixtures("recorded")
def test_a_trace_is_a_tree_on_the_terminal_in_both_languages(suyuan: Suyuan) -> None:
    english = suyuan("trace", _START)
    assert english.exit_code == 0
    assert f"went into {len(_REACHED):,} objects" in english.stdout  # type: ignore[arg-type]
    assert "nothing is recorded that way" in english.stdout
    for uri in _REACHED:
        assert str(uri).removeprefix("https://id.gs1.org") in english.stdout
    chinese = suyuan("trace", _START, "--lang", "zh")
    assert "去向（追踪）" in chinese.stdout
    assert "此方向没有记录" in chinese.stdout


@pytest.mark.usefixtures("recorded")
def test_what_a_tree_shows_can_be_pasted_back(suyuan: Suyuan, answer: Answer) -> None:
    short = str(next(iter(_REACHED))).removeprefix("https://id.gs1.org")
    back = answer("trace", short, "--back")
    assert _START in {one["uri"] for one in back["object_list"]}


@pytest.mark.usefixtures("recorded")
def test_an_export_goes_into_a_file_whole_or_not_at_all(suyuan: Suyuan, tmp_path: Path) -> None:
    table = tmp_path / "trace.csv"
    assert suyuan("trace", _START, "--forward", "--csv", "-o", table).exit_code == 0
    rows = csv.DictReader(io.StringIO(table.read_text("utf-8-sig")))
    assert {row["uri"] for row in rows if row["kind"] == "object"} == set(_REACHED)
    missing = tmp_path / "no" / "trace.csv"
    refused = suyuan("trace", _START, "--forward", "--csv", "-o", missing)
    assert _code(refused) == "cli.file_unwritable"
    assert not missing.parent.exists()


@pytest.mark.usefixtures("recorded")
@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("--csv",), "cli.direction_missing"),
        (("--back", "--csv", "--json"), "cli.format_unclear"),
        (("--since", "soon"), "trace.time_malformed"),
        (("--back", "--since", "2026-03-01"), "cli.option_idle"),
        (("--forward", "--until", "2026-03-01"), "cli.option_idle"),
        (("-o", "trace.csv"), "cli.option_idle"),
    ],
)
def test_an_unclear_question_is_refused(suyuan: Suyuan, words: tuple[str, ...], code: str) -> None:
    refused = suyuan("trace", _START, *words)
    assert _code(refused) == code


@pytest.mark.usefixtures("recorded")
def test_what_was_never_seen_is_told(suyuan: Suyuan) -> None:
    for command in ("trace", "history", "whereabouts", "contents"):
        refused = suyuan(command, serial("NEVER", 1))
        assert _code(refused) == "trace.object_unknown"


@pytest.mark.usefixtures("recorded")
def test_history_and_whereabouts_are_told_in_lines_and_in_json(
    suyuan: Suyuan, answer: Answer
) -> None:
    told = answer("history", _START)
    assert len(told) == len(suyuan("history", _START).stdout.splitlines()) > 0
    assert answer("whereabouts", _START)["last_event"]["sequence"] == told[-1]["sequence"]
    assert suyuan("whereabouts", _START, "--lang", "zh").stdout.startswith("地点")
    assert answer("contents", _START) == []
