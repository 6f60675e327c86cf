"""The genealogy that the questions on the terminal are asked of, and what all of them take. 谱系"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from suyuan.cli._terminal import Record, open_record

if TYPE_CHECKING:  # Only a question needs the compiled loops.
    from suyuan.trace import Genealogy

__all__ = [
    "AsOfOption",
    "CsvOption",
    "SinceOption",
    "UntilOption",
    "genealogy_of",
    "open_genealogy",
]

AsOfOption = Annotated[
    str | None,
    typer.Option(
        "--as-of",
        help="Answer with what was known at this moment, or at a day's end in UTC.",
        metavar="TIME",
        show_default=False,
    ),
]
SinceOption = Annotated[
    str | None,
    typer.Option(
        "--since",
        help="From this moment, or the beginning of this day in UTC, on.",
        metavar="TIME",
        show_default=False,
    ),
]
UntilOption = Annotated[
    str | None,
    typer.Option(
        "--until",
        help="Up to this moment, or a day's end in UTC.",
        metavar="TIME",
        show_default=False,
    ),
]
CsvOption = Annotated[bool, typer.Option("--csv", help="As a table for spreadsheets.")]


@contextlib.contextmanager
def open_genealogy(data: Path | None, tenant: str) -> Iterator[Genealogy]:
    """Open the record of a tenant for questions."""
    with open_record(data, tenant, must_exist=True) as record:
        yield genealogy_of(record)


def genealogy_of(record: Record) -> Genealogy:
    """Give the genealogy of an opened record, with the snapshots in its data folder."""
    from suyuan.trace import Genealogy, index_folder

    return Genealogy(record.database, record.tenant_id, index_folder(record.settings.data))
