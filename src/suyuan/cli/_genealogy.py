"""The genealogy that the questions on the terminal are asked of. 谱系"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from suyuan.cli._terminal import open_record

if TYPE_CHECKING:  # Only a question needs the compiled loops.
    from suyuan.trace import Genealogy

__all__ = ["open_genealogy"]


@contextlib.contextmanager
def open_genealogy(data: Path | None, tenant: str) -> Iterator[Genealogy]:
    """Open the record of a tenant for questions."""
    from suyuan.trace import Genealogy, index_folder

    with open_record(data, tenant, must_exist=True) as record:
        folder = index_folder(record.settings.data)
        yield Genealogy(record.database, record.tenant_id, folder)
