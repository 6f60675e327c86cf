"""Tables are proposed for, checked, imported and given back from the command line."""

from __future__ import annotations

import csv
import json
from pathlib import Path

from tests.importing.tables import HEADERS, MILK, workbook

GOOD = ["2026-11-26", MILK, "L1", 10, "kg"]


def test_a_table_is_proposed_for_checked_imported_and_then_known(suyuan, answer, tmp_path: Path):
    table = workbook(
        tmp_path / "receipts.xlsx", [HEADERS, GOOD, ["2026-11-26", MILK, "L2", "x", "kg"]]
    )
    proposed = suyuan("import", table)
    assert proposed.exit_code == 0
    (tmp_path / "mapping.json").write_text(proposed.stdout)
    assert json.loads(proposed.stdout)["template"] == "received"
    assert suyuan("import-mapping", "save", "receipts", tmp_path / "mapping.json").exit_code == 0

    checked = answer("import", table, "--mapping", "receipts", "--dry-run")
    assert (checked["rows"], checked["events"], checked["known"], checked["failed"]) == (2, 1, 0, 1)
    assert checked["faults"][0]["code"] == "importing.number_wrong"

    failed = tmp_path / "failed.csv"
    ran = suyuan("import", table, "--mapping", tmp_path / "mapping.json", "--failed", failed)
    assert ran.exit_code == 1
    assert "row 3: Quantity: x is no number" in ran.stdout
    assert "1 captured, 0 known before, 1 failed" in ran.stdout
    with failed.open(encoding="utf-8-sig", newline="") as file:
        assert [row["Lot"] for row in csv.DictReader(file)] == ["L2"]
    assert answer("import", table, "--mapping", "receipts")["known"] == 1


def test_rows_that_do_not_say_how_much_it_was_are_counted(suyuan, answer, tmp_path: Path):
    table = workbook(tmp_path / "t.xlsx", [HEADERS, ["2026-11-26", MILK, "NONE", "", ""]])
    (tmp_path / "mapping.json").write_text(suyuan("import", table).stdout)
    ran = suyuan("import", table, "--mapping", tmp_path / "mapping.json", "--dry-run")
    assert "1 row without a quantity" in ran.stderr
    assert answer("import", table, "--mapping", tmp_path / "mapping.json")["amounts_unknown"] == 1


def test_a_mapping_that_does_not_fit_is_told_with_all_that_is_missing(suyuan, tmp_path: Path):
    table = workbook(tmp_path / "t.xlsx", [["Day", "Lot"], ["2026-11-26", "L1"]])
    mapping = {"template": "received", "columns": {"time": "Date", "lot": "Lot"}}
    (tmp_path / "mapping.json").write_text(json.dumps(mapping))
    ran = suyuan("import", table, "--mapping", tmp_path / "mapping.json", "--json")
    assert ran.exit_code != 0
    codes = [one.code for one in getattr(ran.exception, "problems", ())]
    assert codes == ["importing.column_missing", "importing.field_missing"]


def test_the_zone_is_that_of_the_machine_or_of_the_table_and_is_always_said(
    suyuan, answer, tmp_path: Path, monkeypatch
):
    table = workbook(tmp_path / "receipts.xlsx", [HEADERS, GOOD])
    chinese = workbook(
        tmp_path / "收货.xlsx", [["收货日期", "物料编码", "批号", "数量", "单位"], GOOD]
    )
    monkeypatch.setenv("TZ", "Europe/Berlin")
    assert json.loads(suyuan("import", table).stdout)["time_zone"] == "Europe/Berlin"
    monkeypatch.setattr("suyuan.cli._machine_zone._LINK", tmp_path / "none")
    monkeypatch.setattr("suyuan.cli._machine_zone._FILE", tmp_path / "none")
    monkeypatch.setenv("TZ", "UTC")  # As in a container, wherever it stands.
    assert json.loads(suyuan("import", table).stdout)["time_zone"] == "UTC"
    assert json.loads(suyuan("import", chinese).stdout)["time_zone"] == "Asia/Shanghai"
    given = suyuan("import", chinese, "--zone", "Asia/Tokyo")
    assert json.loads(given.stdout)["time_zone"] == "Asia/Tokyo"
    assert "Asia/Tokyo" in given.stderr
    (tmp_path / "mapping.json").write_text(given.stdout)
    for more, zone in (((), "Asia/Tokyo"), (("--zone", "Asia/Kolkata"), "Asia/Kolkata")):
        ran = suyuan("import", chinese, "--mapping", tmp_path / "mapping.json", "--dry-run", *more)
        assert zone in ran.stderr
    wrong = suyuan("import", table, "--mapping", tmp_path / "mapping.json", "--zone", "Mars/Base")
    assert next(one.code for one in wrong.exception.problems) == "importing.time_zone_unknown"
