"""The genealogy that the questions on the terminal are asked of. 谱系"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from suyuan.cli._terminal import Record, open_record

if TYPE_CHECKING:  # Only a question needs the compiled loops.
    from suyuan.trace import Genealogy

__all__ = ["genealogy_of", "open_genealogy"]


@contextlib.contextmanager
def open_genealogy(data: Path | None, tenant: str) -> Iterator[Genealogy]:
    """Open the record of a tenant for questions."""
    with open_record(data, tenant, must_exist=True) as record:
        yield genealogy_of(record)


def genealogy_of(record: Record) -> Genealogy:
    """Give the genealogy of an opened record, with the snapshots in its data folder."""
    from suyuan.trace import Genealogy, index_folder

    return Genealogy(record.database, record.tenant_id, index_folder(record.settings.data))
