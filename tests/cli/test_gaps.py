"""`suyuan gaps`, `readiness` and `mass-balance`: to read, and to take away."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import msgspec
import pytest

from suyuan.errors import InvalidInput
from tests.cli.conftest import Suyuan
from tests.trace.story import Story, gtin, lot, of

Answer = Callable[..., Any]
MILK, CHEESE = lot("milk"), lot("cheese")


@pytest.fixture
def recorded(answer: Answer, tmp_path: Path) -> None:
    """Capture a plant that used more than it had, and counted its cheese."""
    s = Story()
    s.receive(6, of(MILK, 100))
    s.make(8, [of(MILK, 130)], [of(CHEESE, 13)])
    s.ship(9, of(CHEESE, 3))
    s.see(10, [of(CHEESE, 9.5)], "stock_taking")
    file = tmp_path / "story.ndjson"
    file.write_bytes(b"\n".join(msgspec.json.encode(entry.event) for entry in s.entries))
    assert answer("capture", file)["refused"] == 0


@pytest.mark.usefixtures("recorded")
def test_gaps_are_a_table_in_both_languages(suyuan: Suyuan, answer: Answer) -> None:
    english = suyuan("gaps", "--kind", "more_used")
    assert english.exit_code == 0, english.output
    assert "1 gap at journal position 4" in english.stdout
    assert "30 KGM more went out than came in" in english.stdout
    assert "去向比来源多 30 KGM" in suyuan("gaps", "--lang", "zh").stdout
    found = answer("gaps", "--product", gtin("milk"), "--late-hours", "1e9")
    assert [one["kind"] for one in found["gaps"]] == ["more_used"]
    rows = list(csv.DictReader(io.StringIO(suyuan("gaps", "--kind", "more_used", "--csv").stdout)))
    assert [(row["object"], row["quantity"], row["uom"]) for row in rows] == [(MILK, "30.0", "KGM")]


@pytest.mark.usefixtures("recorded")
def test_readiness_says_the_share_and_what_costs_most(suyuan: Suyuan, answer: Answer) -> None:
    english = suyuan("readiness", "--kind", "more_used").stdout
    assert "0.0% of 1 shipped unit ready" in english
    assert "more used than received or made: costs 1 unit" in english
    assert "就绪 0.0%" in suyuan("readiness", "--lang", "zh").stdout
    assert answer("readiness", "--kind", "packed_twice")["share"] == 1


@pytest.mark.usefixtures("recorded")
def test_a_mass_balance_is_a_table_in_both_languages(suyuan: Suyuan, answer: Answer) -> None:
    english = suyuan("mass-balance", CHEESE.removeprefix("https://id.gs1.org"))
    assert english.exit_code == 0, english.output
    assert "in stock" in english.stdout
    assert "unexplained" in english.stdout
    assert "0.5" in english.stdout
    assert "去向不明" in suyuan("mass-balance", CHEESE, "--lang", "zh").stdout
    rows = csv.DictReader(io.StringIO(suyuan("mass-balance", CHEESE, "--csv").stdout))
    assert {row["figure"]: row["quantity"] for row in rows}["shipped"] == "3.0"
    assert answer("mass-balance", CHEESE, "--uom", "GRM")["made"]["quantity"] == 13_000


@pytest.mark.usefixtures("recorded")
def test_an_expected_loss_is_kept_for_the_product(suyuan: Suyuan, answer: Answer) -> None:
    shown = suyuan("mass-balance", CHEESE, "--expected-loss", "0.01", "--keep").stdout
    assert "NOT within the expected loss of 1.00%" in shown
    assert answer("mass-balance", CHEESE)["expected_loss"] == 0.01
    suyuan("mass-balance", CHEESE, "--expected-loss", "0.05", "--keep")
    assert "within the expected loss of 5.00%" in suyuan("mass-balance", CHEESE).stdout


@pytest.mark.usefixtures("recorded")
@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("gaps", "--kind", "holes"), "trace.gap_unknown"),
        (("gaps", "--json", "--csv"), "cli.format_unclear"),
        (("gaps", "--since", "noon"), "trace.time_malformed"),
        (("mass-balance", CHEESE, "--keep"), "cli.option_idle"),
        (("mass-balance", CHEESE, "--uom", "NIX"), "quantity.unit_unknown"),
    ],
)
def test_what_is_wrong_with_a_command_is_said(
    suyuan: Suyuan, words: tuple[str, ...], code: str
) -> None:
    result = suyuan(*words)
    assert isinstance(result.exception, InvalidInput)
    assert result.exception.code == code


@pytest.mark.usefixtures("recorded")
def test_a_trace_tells_whether_the_record_is_whole(suyuan: Suyuan) -> None:
    english = suyuan("trace", CHEESE, "--back").stdout
    assert "gaps: the record is not whole, so the answer may not be complete" in english
    assert "30 KGM more went out than came in" in english
    chinese = suyuan("trace", CHEESE, "--back", "--lang", "zh").stdout
    assert "处：记录不完整，结果可能有遗漏" in chinese
    assert "去向比来源多 30 KGM" in chinese


@pytest.fixture
def well_kept(answer: Answer, tmp_path: Path) -> None:
    """Capture milk that was received just now, and seven draws of a tank that nobody filled."""
    now = (datetime.now(UTC) - datetime(2026, 3, 1, tzinfo=UTC)).total_seconds() / 3600
    s = Story()
    s.receive(now - 4, of(MILK, 100))
    for draw in range(7):
        s.make(now - 3 + draw / 10, [], [of(CHEESE, 1)], run=f"tank-{draw}")
    file = tmp_path / "story.ndjson"
    file.write_bytes(b"\n".join(msgspec.json.encode(entry.event) for entry in s.entries))
    assert answer("capture", file)["refused"] == 0


@pytest.mark.usefixtures("well_kept")
def test_a_trace_shows_the_first_few_gaps_or_all(suyuan: Suyuan) -> None:
    whole = suyuan("trace", MILK, "--back")
    assert "no gaps: the answer is complete, as far as the record can tell" in whole.stdout
    assert "无断点" in suyuan("trace", MILK, "--back", "--lang", "zh").stdout
    few, every = (suyuan("trace", CHEESE, "--back", *more).stdout for more in ((), ("--gaps",)))
    assert "7 gaps: the record is not whole" in few
    assert few.count("output without input") == 5
    assert "… and 2 more, with --gaps" in few
    assert every.count("output without input") == 7
    assert "with --gaps" not in every


@pytest.mark.usefixtures("recorded")
def test_an_export_has_the_gaps_where_there_is_a_place_for_them(
    suyuan: Suyuan, answer: Answer, tmp_path: Path
) -> None:
    found = answer("trace", CHEESE, "--back")
    assert found["gaps"] == len(found["gap_list"]) > 0
    kinds = [gap["kind"] for gap in found["gap_list"]]
    assert "more_used" in kinds
    lines = suyuan("trace", CHEESE, "--back", "--ndjson").stdout.splitlines()
    rows = [msgspec.json.decode(line) for line in lines]
    assert [row["gap"] for row in rows if row["kind"] == "gap"] == found["gap_list"]
    table = suyuan("trace", CHEESE, "--back", "--csv", "--details").stdout.lstrip("\ufeff")
    gaps = [row for row in csv.DictReader(io.StringIO(table)) if row["kind"] == "gap"]
    assert [(row["gap"], row["uri"]) for row in gaps] == [
        (gap["kind"], uri) for gap in found["gap_list"] for uri in gap["objects"]
    ]
    assert gaps[kinds.index("more_used")]["found"] == "30 KGM more went out than came in"
    book = tmp_path / "trace.xlsx"
    suyuan("trace", CHEESE, "--back", "--xlsx", "-o", book)
    with ZipFile(book) as parts:
        assert '<sheet name="gaps"' in parts.read("xl/workbook.xml").decode()
    refused = suyuan("trace", CHEESE, "--back", "--graphml", "--gaps")
    assert isinstance(refused.exception, InvalidInput)
    assert refused.exception.code == "cli.option_idle"
