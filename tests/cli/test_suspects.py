"""`suyuan common` and `compare`, and what the questions on the terminal say in words."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from typer.testing import Result

import suyuan.cli
from suyuan.errors import SuyuanError
from suyuan.event import BUSINESS_STEP, DISPOSITION
from tests.cli.conftest import Suyuan
from tests.trace.story import Story, case, lot, of, serial
from tests.trace.test_common import DOUGHS, bakery

Answer = Callable[..., Any]


def _code(result: Result) -> str:
    assert isinstance(result.exception, SuyuanError)
    return result.exception.code


def _capture(answer: Answer, folder: Path, story: Story) -> int:
    file = folder / "story.ndjson"
    file.write_bytes(b"\n".join(msgspec.json.encode(entry.event) for entry in story.entries))
    captured = answer("capture", file)
    assert captured["refused"] == 0
    return len(story.entries)


@pytest.fixture
def position(answer: Answer, tmp_path: Path) -> int:
    """Capture the bakings, and give the journal position before the last was corrected."""
    story = bakery()
    position = _capture(answer, tmp_path, story)
    story.declare(story.entries[-1].event, 40)
    del story.entries[:-1]
    _capture(answer, tmp_path, story)
    return position


@pytest.mark.usefixtures("position")
def test_what_suspects_share_is_a_table_in_both_languages(suyuan: Suyuan, answer: Answer) -> None:
    english = suyuan("common", *DOUGHS[:4])
    assert english.exit_code == 0
    first, _, row = english.stdout.splitlines()[:3]
    assert first.startswith("4 suspects beside 3 others: ")
    assert row.split()[:5] == [
        "1",
        "lot",
        lot("flour", "A").removeprefix("https://id.gs1.org"),
        "4/4",
        "0/3",
    ]
    assert lot("water").removeprefix("https://id.gs1.org") not in english.stdout
    chinese = suyuan("common", *DOUGHS[:4], "--lang", "zh").stdout
    assert "可疑对象 4 个，对照对象 3 个" in chinese
    assert "生产批次" in chinese
    told = answer("common", *DOUGHS[:2], "--rest", DOUGHS[2], "--rest", DOUGHS[3])
    assert told["rest"] == 2
    assert lot("water") in {one["value"] for one in told["shared"]}


@pytest.mark.usefixtures("position")
def test_suspects_that_share_nothing_of_their_own_are_told_so(suyuan: Suyuan) -> None:
    told = suyuan("common", DOUGHS[0], DOUGHS[4], "--rest", DOUGHS[1], "--rest", DOUGHS[5]).stdout
    assert "nothing stands behind the suspects more often than behind the rest" in told


def test_what_changed_is_told_in_lines_and_in_every_format(
    suyuan: Suyuan, position: int, tmp_path: Path
) -> None:
    asked = ("compare", lot("flour", "B"), "--before", position)
    english = suyuan(*asked)
    assert english.exit_code == 0
    assert "objects: 0 came, 1 went, 0 changed, 3 as before" in english.stdout
    gone = DOUGHS[7].removeprefix("https://id.gs1.org")
    assert f"- {gone}  certain" in english.stdout
    assert "消失 1" in suyuan(*asked, "--lang", "zh").stdout
    table = tmp_path / "changes.csv"
    written = suyuan(*asked, "--csv", "-o", table)
    assert DOUGHS[7] in table.read_text("utf-8-sig")
    assert f"wrote {table} (1 change)" in written.stderr
    back = suyuan("compare", DOUGHS[0], "--back", "--before", position)
    assert "objects: 0 came, 0 went, 0 changed" in back.stdout


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("--before", "soon"), "trace.time_malformed"),
        (("--before", "999"), "trace.position_unknown"),
        (("--before", "1", "--csv", "--json"), "cli.format_unclear"),
        (("--before", "1", "-o", "changes.csv"), "cli.option_idle"),
    ],
)
@pytest.mark.usefixtures("position")
def test_an_unclear_comparison_is_refused(
    suyuan: Suyuan, words: tuple[str, ...], code: str
) -> None:
    assert _code(suyuan("compare", DOUGHS[0], *words)) == code


@pytest.mark.usefixtures("position")
def test_an_export_says_what_it_wrote_and_has_details_where_asked(
    suyuan: Suyuan, tmp_path: Path
) -> None:
    table = tmp_path / "trace.csv"
    asked = ("trace", lot("flour", "A"), "--forward", "--csv", "-o", table)
    assert f"wrote {table} (4 objects)" in suyuan(*asked).stderr
    assert "first_time" not in table.read_text("utf-8-sig")
    assert f"已写入 {table}（4 个追溯单元）" in suyuan(*asked, "--details", "--lang", "zh").stderr
    assert "first_time" in table.read_text("utf-8-sig")
    assert _code(suyuan("trace", lot("flour", "A"), "--details")) == "cli.option_idle"


def test_the_terminal_says_pieces_holds_and_words_in_the_readers_language(
    suyuan: Suyuan, answer: Answer, tmp_path: Path
) -> None:
    story = Story()
    story.commission(1, serial("cup", 1))
    story.pack(2, case(1), serial("cup", 1), of(lot("cream"), 2, None))
    place = {"id": "urn:epc:id:sgln:9521234.00001.0"}
    story.see(3, [case(1)], "storing", disposition="recalled")["bizLocation"] = place
    link = {"id": "https://id.gs1.org/414/9521234000013"}
    story.see(4, [case(1)], "inspecting")["bizLocation"] = link
    _capture(answer, tmp_path, story)
    inside = suyuan("contents", case(1)).stdout
    assert "  1 piece   < " in inside
    assert "  2 pieces  < " in inside
    assert "  2 件  < " in suyuan("contents", case(1), "--lang", "zh").stdout
    history = suyuan("history", serial("cup", 1), "--lang", "zh").stdout
    assert "储存" in history
    assert "装箱" in history
    places = {one.get("business_location") for one in answer("history", serial("cup", 1))}
    assert places == {None, link["id"]}
    lines = suyuan("whereabouts", serial("cup", 1), "--lang", "zh").stdout.splitlines()
    assert [line.split() for line in lines[2:4]] == [["处置状态", "已召回"], ["暂扣", "已召回"]]
    english = suyuan("whereabouts", serial("cup", 1)).stdout.splitlines()
    assert [line.split() for line in english[2:4]] == [
        ["disposition", "recalled"],
        ["on", "hold", "recalled"],
    ]
    assert len({line.index(line.split("  ")[-1].strip()) for line in english[:4]}) == 1


def test_what_was_shipped_and_never_arrived_is_overdue(
    suyuan: Suyuan, answer: Answer, tmp_path: Path
) -> None:
    story = Story()
    story.commission(1, serial("cup", 1))
    story.ship(2, serial("cup", 1))
    story.see(3, [serial("cup", 1)], "departing")
    story.receive(24 * 20, serial("cup", 1))
    _capture(answer, tmp_path, story)
    asked = ("whereabouts", serial("cup", 1))
    soon, late, now = ("--at", "2026-03-04"), ("--at", "2026-03-12"), ()
    assert [answer(*asked, *at).get("is_overdue", False) for at in (soon, late, now)] == [
        *(False, True, False)
    ]
    assert answer(*asked, *soon)["sent_time"] == "2026-03-01T02:00:00Z"
    assert "sent_time" not in answer(*asked)
    assert "since 2026-03-01 02:00Z, overdue" in suyuan(*asked, *late).stdout
    assert "2026-03-01 02:00Z 起，逾期未收货" in suyuan(*asked, *late, "--lang", "zh").stdout


def test_every_word_of_the_vocabulary_has_a_chinese_one() -> None:
    page = Path(suyuan.cli.__file__).with_name("words.toml")
    words = tomllib.loads(page.read_text(encoding="utf-8"))
    assert set(words["business_step"]) == set(BUSINESS_STEP.bare.values())
    assert set(words["disposition"]) == set(DISPOSITION.bare.values())
