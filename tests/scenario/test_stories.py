"""The stories beside this file, told to a quality manager and executed line by line."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from suyuan.cli._terminal import Record
from suyuan.cli.demo import load_demo
from suyuan.demo import DairyPlant
from suyuan.settings import Settings
from suyuan.store import Database
from suyuan.trace import Genealogy, Source

pytestmark = pytest.mark.slow

_CODE = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)


def _execute(page: str, names: dict[str, object]) -> int:
    """Execute the code of a page, block by block, with one set of names; count the blocks."""
    text = (Path(__file__).parent / page).read_text(encoding="utf-8")
    blocks = 0
    for block in _CODE.finditer(text):
        line = text.count("\n", 0, block.start(1))
        exec(compile("\n" * line + block[1], page, "exec"), names)
        blocks += 1
    return blocks


@pytest.mark.parametrize("seed", [1, 2])
def test_the_contaminated_delivery_is_found_whole_and_nothing_else(
    embedded_databases: Callable[[], Database], tmp_path: Path, seed: int
) -> None:
    plant = DairyPlant(seed=seed, days=None, events=None if seed == 1 else 9_000)
    with embedded_databases() as database:
        tenant_id = database.make_tenant("default")
        record = Record(Settings(data=tmp_path), database, tenant_id, "default")
        load_demo(record, plant, language="en")
        truth = plant.truth()
        names = {
            "truth": truth,
            "position": record.journal.position(),
            "loads": {load for load, _ in truth.loads},
        }
        sources: tuple[Source, ...] = ("index", "sql")
        for source in sources:
            genealogy = Genealogy(database, tenant_id, source=source)
            blocks = _execute("contaminated-milk.md", names | {"genealogy": genealogy})
            assert blocks >= 9
