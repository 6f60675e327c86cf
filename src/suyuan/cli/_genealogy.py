"""The genealogy that the questions on the terminal are asked of, and what all of them take. 谱系"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from suyuan.cli._files import write_pieces
from suyuan.cli._terminal import Record, count_of, open_record
from suyuan.errors import Language

if TYPE_CHECKING:  # Only a question needs the compiled loops.
    from suyuan.trace import Genealogy, ListFormat

__all__ = [
    "AsOfOption",
    "CsvOption",
    "ListCsvOption",
    "ListXlsxOption",
    "OutOption",
    "SinceOption",
    "UntilOption",
    "genealogy_of",
    "list_form",
    "open_genealogy",
    "write_list",
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
OutOption = Annotated[
    Path | None,
    typer.Option("--out", "-o", help="Write into this file.", metavar="FILE", show_default=False),
]
ListCsvOption = Annotated[bool, typer.Option("--csv", help="The list as CSV.")]
ListXlsxOption = Annotated[bool, typer.Option("--xlsx", help="The list as XLSX.")]
CsvOption = Annotated[bool, typer.Option("--csv", help="As a table for spreadsheets.")]


def list_form(*, as_json: bool, as_csv: bool, as_xlsx: bool) -> ListFormat | None:
    """Give the format that a list is asked for in; None for the terminal."""
    return "json" if as_json else "csv" if as_csv else "xlsx" if as_xlsx else None


def write_list(
    pieces: Iterable[bytes], rows: int, form: ListFormat, out: Path | None, language: Language
) -> None:
    """Write a list of so many rows into a file, or to standard output."""
    write_pieces(
        pieces,
        out,
        language,
        english=count_of(rows, "line"),
        chinese=f"{rows:,} 行",
        option="--xlsx" if form == "xlsx" else "",
    )


@contextlib.contextmanager
def open_genealogy(data: Path | None, tenant: str) -> Iterator[Genealogy]:
    """Open the record of a tenant for questions."""
    with open_record(data, tenant, must_exist=True) as record:
        yield genealogy_of(record)


def genealogy_of(record: Record) -> Genealogy:
    """Give the genealogy of an opened record, with the snapshots in its data folder."""
    from suyuan.trace import Genealogy, index_folder

    return Genealogy(record.database, record.tenant_id, index_folder(record.settings.data))
