"""`suyuan mock-recall`: counts and a list on the terminal, in both languages, and as files."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from tests.cli.conftest import Suyuan
from tests.trace.story import lot
from tests.trace.test_mock_recall import DOCK, SHOP, dairy


def test_a_mock_recall_is_counted_listed_and_written(
    suyuan: Suyuan, answer: Callable[..., Any], tmp_path: Path
) -> None:
    file = tmp_path / "story.ndjson"
    file.write_bytes(b"\n".join(msgspec.json.encode(one.event) for one in dairy().entries))
    assert answer("capture", file)["refused"] == 0
    english = suyuan("mock-recall", lot("milk")).stdout
    assert english.startswith("to come back: 1 lot, 5 units; 3 of 6 have left, with 1 recipient;")
    assert "on the way" in english
    chinese = suyuan("mock-recall", lot("milk"), "--lang", "zh").stdout
    assert chinese.startswith("需召回：批次 1 个，单品 5 个")
    assert answer("mock-recall", DOCK)["units"] == 3
    table = tmp_path / "recall.csv"
    assert suyuan("mock-recall", lot("milk"), "--csv", "-o", table).exit_code == 0
    with table.open(encoding="utf-8-sig", newline="") as rows:
        assert SHOP in {row["party"] for row in csv.DictReader(rows)}
    assert suyuan("mock-recall", DOCK, "--until", "2000-01-01").exception is not None
