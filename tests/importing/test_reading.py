"""Files of any origin are read as what they are, and bounded before they are opened."""

from __future__ import annotations

import datetime
import zipfile
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from suyuan.errors import InvalidInput
from tests.importing.tables import read, workbook

TEXT = "日期,产品,批号,数量\n2026-11-26,牛奶,L1,10\n2026-11-26,奶油,L2,12.5\n"
FAULT = "fault"


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16", "utf-16-le", "utf-16-be"]
)
def test_chinese_is_read_in_every_encoding_it_comes_in(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "t.csv").write_bytes(TEXT.encode(encoding))
    found, rows = read(tmp_path / "t.csv", tmp_path / "s")
    assert found.columns == ["日期", "产品", "批号", "数量"]
    assert rows[1] == ["2026-11-26", "牛奶", "L1", "10"]


def test_accents_of_the_west_are_not_taken_for_chinese(tmp_path: Path) -> None:
    text = "Größe;Händler;Menge\nMüller Käse;Bär;1,5\nÉté;Øl;2,5\n"
    (tmp_path / "t.csv").write_bytes(text.encode("cp1252"))
    found, rows = read(tmp_path / "t.csv", tmp_path / "s")
    assert (found.encoding, found.delimiter) == ("cp1252", ";")
    assert rows[1] == ["Müller Käse", "Bär", "1,5"]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_what_cuts_all_rows_alike(tmp_path: Path, delimiter: str) -> None:
    lines = [["Lot", "Note", "Quantity"], ["A", '"one, two; three | four"', "1"], ["B", "", "2"]]
    (tmp_path / "t.csv").write_text("\n".join(map(delimiter.join, lines)))
    found, rows = read(tmp_path / "t.csv", tmp_path / "s")
    assert found.delimiter == delimiter
    assert rows[1] == ["A", "one, two; three | four", "1"]


def test_a_reading_that_somebody_gives_wins_over_what_is_found(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("a;b\n1,5;2\n")
    found, rows = read(tmp_path / "t.csv", tmp_path / "s", delimiter=",", header_row=0)
    assert found.columns == ["A", "B"]
    assert rows[1] == ["1", "5;2"]


def test_the_header_is_found_below_a_title(tmp_path: Path) -> None:
    path = workbook(
        tmp_path / "t.xlsx",
        [["收货台账 2026"], [], ["收货日期", "批号", "数量"], ["2026-11-26", "L1", 5]],
    )
    found, _ = read(path, tmp_path / "s")
    assert (found.header_row, found.columns) == (3, ["收货日期", "批号", "数量"])


@pytest.mark.parametrize("is_1904", [False, True])
def test_dates_of_both_calendars_of_spreadsheets_are_the_same_days(
    tmp_path: Path, is_1904: bool
) -> None:
    moment = datetime.datetime(2026, 11, 26, 8, 30)
    with xlsxwriter.Workbook(tmp_path / "t.xlsx", {"date_1904": is_1904}) as book:
        page = book.add_worksheet()
        page.write_row(0, 0, ["Time", "Lot"])
        page.write_datetime(1, 0, moment, book.add_format({"num_format": "yyyy-mm-dd hh:mm"}))
    _, rows = read(tmp_path / "t.xlsx", tmp_path / "s")
    assert rows[1][0] == ["moment", "2026-11-26T08:30:00"]


def test_merged_cells_are_filled_and_formulas_without_a_value_are_told(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "t.xlsx") as book:
        page = book.add_worksheet()
        page.write_row(0, 0, ["Order", "Lot", "Quantity"])
        page.merge_range(1, 0, 3, 0, "PO-1")
        for row in (1, 2, 3):
            page.write(row, 1, f"L{row}")
        page.write_formula(1, 2, "=1+1", None, 2)
        page.write_formula(2, 2, "=1+1", None, "")
        page.write_formula(3, 2, "=1/0", None, "#DIV/0!")
    found, rows = read(tmp_path / "t.xlsx", tmp_path / "s")
    assert found.filled == 2
    assert rows[1:] == [
        ["PO-1", "L1", 2],
        ["PO-1", "L2", [FAULT, "importing.formula_without_value"]],
        ["PO-1", "L3", [FAULT, "importing.cell_error"]],
    ]


def test_a_table_that_begins_in_the_middle_of_a_sheet_keeps_its_columns(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "t.xlsx") as book:
        page = book.add_worksheet()
        page.write_row(2, 2, ["Lot", "Quantity"])
        page.write_row(3, 2, ["L1", 1])
    found, rows = read(tmp_path / "t.xlsx", tmp_path / "s")
    assert (found.header_row, found.columns) == (3, ["A", "B", "Lot", "Quantity"])
    assert rows[3] == ["", "", "L1", 1]


def refused(path: Path, folder: Path, **reading: Any) -> str:
    with pytest.raises(InvalidInput) as caught:
        read(path, folder, **reading)
    return caught.value.code


def test_a_zip_bomb_is_refused_by_its_directory(tmp_path: Path) -> None:
    path = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<x/>")
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * (64 << 20))
    assert path.stat().st_size < 200_000
    assert refused(path, tmp_path / "s") == "importing.workbook_too_large"


def test_a_zip_whose_directory_lies_about_sizes_is_refused_too(tmp_path: Path) -> None:
    path = tmp_path / "liar.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"0" * 5_000_000)
    data = bytearray(path.read_bytes())
    at = data.rindex(b"PK\x01\x02") + 24  # The size in the directory.
    data[at : at + 4] = (10).to_bytes(4, "little")
    path.write_bytes(bytes(data))
    assert refused(path, tmp_path / "s") == "importing.workbook_broken"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "importing.file_empty"),
        (b"\n\n\n", "importing.file_empty"),
        (b"PK\x03\x04 no workbook", "importing.workbook_broken"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(range(256)), "importing.not_a_table"),
        (b'Lot,Quantity\n"' + b"x" * 200_000, "importing.cell_too_long"),
    ],
)
def test_what_is_no_table_is_refused_with_a_reason(
    tmp_path: Path, content: bytes, code: str
) -> None:
    (tmp_path / "t").write_bytes(content)
    assert refused(tmp_path / "t", tmp_path / "s") == code


def test_a_wrong_encoding_is_told_with_the_row(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_bytes("Lot,Qty\nA,1\n牛奶,2\n".encode("gb18030"))
    assert refused(tmp_path / "t.csv", tmp_path / "s", encoding="utf-8-sig") == (
        "importing.letters_wrong"
    )


def test_an_unknown_reading_is_refused_with_all_that_is_wrong(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("a,b\n1,2\n")
    with pytest.raises(InvalidInput) as caught:
        read(tmp_path / "t.csv", tmp_path / "s", encoding="klingon", delimiter="::")
    assert [problem.where for problem in caught.value.problems] == ["encoding", "delimiter"]
