"""`suyuan demo --story` tells of the demo that is in the record, without making it again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from suyuan.demo import STORY_FILE
from suyuan.errors import InvalidInput
from tests.cli.conftest import Suyuan

CODE = {
    "key": "carton",
    "code": "https://id.gs1.org/01/09521234123453/21/7",
    "scan": "(01)09521234123453(21)7",
    "title_en": "A carton",
    "title_zh": "一盒牛奶",
    "en": "Trace it back.",
    "zh": "请溯源。",
}
TOLD = {"seed": 1, "days": 30, "start": "2026-09-01T00:00:00Z", "end": "2026-10-01T00:00:00Z"}


@pytest.fixture
def told(tmp_path: Path) -> dict[str, Any]:
    page = tmp_path / "data" / STORY_FILE
    page.parent.mkdir()
    story = TOLD | {"codes": [CODE]}
    page.write_bytes(msgspec.json.encode(story))
    return story


def test_the_story_is_that_of_the_demo_in_the_record(suyuan: Suyuan, told: dict[str, Any]) -> None:
    assert suyuan("demo", "--story").stdout.splitlines() == [
        "codes to try:",
        "  (01)09521234123453(21)7  A carton",
        "      Trace it back.",
    ]
    assert "一盒牛奶" in suyuan("demo", "--story", "--lang", "zh").stdout
    assert msgspec.json.decode(suyuan("demo", "--story", "--json").stdout) == told


def test_who_asks_for_another_demo_is_not_told_of_this(
    suyuan: Suyuan, told: dict[str, Any]
) -> None:
    refused = suyuan("demo", "--story", "--days", "2").exception
    assert isinstance(refused, InvalidInput)
    assert refused.code == "demo.size_invalid"
