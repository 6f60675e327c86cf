"""What all commands share: language, errors, tables, progress, the opened record. 命令行公用"""

from __future__ import annotations

import contextlib
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from suyuan.errors import Language, NotFound, Problem, SuyuanError

if TYPE_CHECKING:  # Commands that need no record answer without loading one.
    from suyuan.settings import Settings
    from suyuan.store import Database

__all__ = [
    "DataOption",
    "JsonOption",
    "LanguageOption",
    "Record",
    "TenantOption",
    "asked_language",
    "count_of",
    "hint",
    "language_of",
    "open_record",
    "output",
    "progress_bar",
    "say",
    "say_json",
    "served_at",
    "show_error",
    "waiting",
]

DataOption = Annotated[
    Path | None,
    typer.Option(
        "--data",
        help="Folder of the embedded database and the keys.",
        metavar="FOLDER",
        show_default=False,
    ),
]
TenantOption = Annotated[str, typer.Option("--tenant", help="Whose record.", metavar="NAME")]
JsonOption = Annotated[bool, typer.Option("--json", help="Answer as JSON.")]
LanguageOption = Annotated[
    str | None,
    typer.Option(
        "--lang",
        help="en or zh; else the language of the terminal.",
        metavar="LANGUAGE",
        show_default=False,
    ),
]

output = Console(highlight=False, soft_wrap=True)
_errors = Console(stderr=True, highlight=False, soft_wrap=True)


def language_of(wanted: str | None = None) -> Language:
    """Give the language to speak: the one asked for, else that of the terminal."""
    names = (
        wanted,
        *(os.environ.get(key) for key in ("SUYUAN_LANG", "LC_ALL", "LC_MESSAGES", "LANG")),
    )
    for name in names:
        if name:
            return "zh" if name.lower().startswith("zh") else "en"
    return "en"


def asked_language(words: list[str]) -> str | None:
    """Find the language asked for among the words of a command line, read or not."""
    for position, word in enumerate(words):
        if word == "--lang":
            return next(iter(words[position + 1 :]), None)
        if word.startswith("--lang="):
            return word.removeprefix("--lang=")
    return None


def say(english: str, chinese: str, language: Language) -> None:
    """Say one thing to a person, in their language."""
    output.print(chinese if language == "zh" else english, markup=False)
    output.file.flush()  # Whoever reads us through a pipe wants to know now.


def hint(english: str, chinese: str, language: Language) -> None:
    """Say one thing to a person beside the answer, on standard error."""
    _errors.print(chinese if language == "zh" else english, markup=False)


def count_of(count: int, noun: str, plural: str = "") -> str:
    """Give a count with its English noun: `1 event`, `2,000 events`."""
    return f"{count:,} {noun if count == 1 else plural or f'{noun}s'}"


def say_json(value: object) -> None:
    """Print a value as JSON, readable."""
    sys.stdout.write(msgspec.json.format(msgspec.json.encode(value), indent=2).decode() + "\n")


def show_error(error: SuyuanError, *, as_json: bool, language: Language) -> None:
    """Show everything that is wrong, on standard error, or as JSON on standard output."""
    if as_json:
        say_json({"errors": [problem.as_dict(language) for problem in error.problems]})
        return
    for problem in error.problems:
        _errors.print(f"{problem.text(language)}  [{problem.code}]", markup=False)


class Record:
    """The opened record of one tenant: settings, database, journal."""

    def __init__(self, settings: Settings, database: Database, tenant_id: int, name: str) -> None:
        from suyuan.journal import Journal

        self.settings = settings
        self.database = database
        self.tenant_id = tenant_id
        self.tenant_name = name
        self.journal = Journal(database, tenant_id)

    def update_log(self) -> int:
        """Take what was captured into the transparency log; give its size."""
        from suyuan.journal import bring_log_up_to_date, signing_key

        origin = self.settings.log_origin or default_origin(self.tenant_name)
        key = signing_key(self.database, self.tenant_id, self.settings.data, origin=origin)
        if key is None:
            return 0
        return bring_log_up_to_date(self.database, self.tenant_id, key)


def served_at(data: Path) -> str | None:
    """Give the address of the server that serves a data folder, as it wrote it there."""
    try:
        url = json.loads((data / "serve.lock").read_text(encoding="utf-8"))["url"]
    except (OSError, ValueError, KeyError, TypeError):
        return None  # Nobody serves it.
    return url.rstrip("/") if isinstance(url, str) else None


def default_origin(tenant: str) -> str:
    """Make up a name for a log that was given none: unlike any other, and without secrets."""
    return f"suyuan-{os.urandom(6).hex()}/{tenant}"


@contextlib.contextmanager
def open_record(
    data: Path | None, tenant: str, *, must_exist: bool = False, **settings: object
) -> Iterator[Record]:
    """Open the record for a command; the tenant `default` is made when it is missing.

    `must_exist` is for commands that only look: a mistyped folder is told, not made.
    Raises NotFound `cli.record_missing`.
    """
    from suyuan.settings import load_settings
    from suyuan.store import open_database

    chosen = load_settings(data=data, **settings)
    if must_exist and not chosen.database_url and not (chosen.data / "postgres").is_dir():
        raise NotFound(Problem(code="cli.record_missing", where=str(chosen.data)))
    with open_database(chosen.data, chosen.database_url) as database:
        tenant_id = (
            database.make_tenant(tenant) if tenant == "default" else database.tenant_id(tenant)
        )
        yield Record(chosen, database, tenant_id, tenant)


def progress_bar(*, hidden: bool = False) -> Progress:
    """Make a progress bar on standard error, seen only on a terminal."""
    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=_errors,
        transient=True,
        disable=hidden or not sys.stderr.isatty(),
    )


@contextlib.contextmanager
def waiting(title: str) -> Iterator[None]:
    """Show on a terminal that work goes on whose end can't be foreseen, and for how long."""
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    is_hidden = not sys.stderr.isatty()
    with Progress(*columns, console=_errors, transient=True, disable=is_hidden) as bar:
        bar.add_task(title, total=None)
        yield
