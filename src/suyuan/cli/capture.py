"""`suyuan capture`: files, folders, streams into the journal. 入账"""

from __future__ import annotations

import gzip
import io
import sys
import time
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, BinaryIO, cast

import msgspec
import typer

from suyuan.cli._problems import say_problem
from suyuan.cli._terminal import (
    DataOption,
    JsonOption,
    LanguageOption,
    Record,
    TenantOption,
    count_of,
    language_of,
    open_record,
    progress_bar,
    say,
    say_json,
)
from suyuan.errors import InvalidInput, Language, Problem
from suyuan.journal import capture_master_data, capture_stream, vocabularies_of

__all__ = ["capture_command"]

_SUFFIXES = (".json", ".jsonld", ".ndjson", ".jsonl", ".xml")
_SHOWN_MAX = 20
_KEPT_MAX = 10_000  # More problems than this are counted, not kept, for --json.
_GZIP_MAGIC = b"\x1f\x8b"


class _Summary(msgspec.Struct):
    """What a run came to."""

    files: int = 0
    read: int = 0
    captured: int = 0
    duplicates: int = 0
    refused: int = 0
    master_data: int = 0
    sequence: int = 0
    seconds: float = 0.0
    problems: int = 0
    errors: list[_Found] = msgspec.field(default_factory=list)

    def take(self, file: str, problems: Iterable[Problem], position: int = -1) -> None:
        """Count problems, and keep those that there is room to show."""
        for problem in problems:
            self.problems += 1
            if problem.where.startswith("event "):  # Counted from where the journal began.
                problem = replace(problem, where="")
            if len(self.errors) < _KEPT_MAX:
                self.errors.append(_Found(file, position, problem))

    def as_dict(self, language: Language) -> dict[str, Any]:
        """Give the plain form that --json shows."""
        shown = msgspec.structs.asdict(self)
        return shown | {"errors": [one.as_dict(language) for one in self.errors]}


@dataclass(frozen=True, slots=True)
class _Found:
    """One thing that is wrong: in which file, with which of its events, what."""

    file: str
    position: int
    problem: Problem

    def as_dict(self, language: Language) -> dict[str, str]:
        event = {"event": str(self.position)} if self.position >= 0 else {}
        return {"file": self.file} | event | self.problem.as_dict(language)


def capture_command(
    paths: Annotated[
        list[str],
        typer.Argument(help="Files, folders, or - for standard input.", metavar="PATH"),
    ],
    strict: Annotated[
        bool, typer.Option("--strict", help="Stop at the first event that is refused.")
    ] = False,
    data: DataOption = None,
    tenant: TenantOption = "default",
    as_json: JsonOption = False,
    lang: LanguageOption = None,
) -> None:
    """Capture EPCIS documents: JSON, NDJSON, XML 2.0 and 1.2, also gzipped.

    Goes on after errors and ends with a summary; exit 1 when anything was refused. Capturing
    the same again changes nothing.
    """
    language = language_of(lang)
    summary = _Summary()
    started = time.perf_counter()
    with open_record(data, tenant) as record, progress_bar(hidden=as_json) as bar:
        task = bar.add_task("采集" if language == "zh" else "capture", total=None, rate="")
        for name, file in _files(paths, summary):
            summary.files += 1
            for chunk in _store_stream(record, file, name, summary):
                rate = summary.read / max(time.perf_counter() - started, 1e-9)
                bar.update(task, advance=chunk, rate=f"{rate:,.0f}/s")
                if strict and summary.refused:
                    break
            if strict and summary.refused:
                break
        record.update_log()
    summary.seconds = round(time.perf_counter() - started, 3)
    _show(summary, as_json=as_json, language=language)
    if summary.refused or summary.errors:
        raise typer.Exit(1)


def _store_stream(record: Record, file: BinaryIO, name: str, summary: _Summary) -> Iterator[int]:
    """Capture one file, keeping the summary; give the number of events of each chunk."""
    header: dict[str, Any] = {}
    try:
        for chunk in capture_stream(record.journal, _unpacked(file), header=header):
            summary.read += chunk.read
            summary.captured += chunk.captured
            summary.duplicates += chunk.duplicates
            summary.sequence = chunk.sequence
            summary.refused += len(chunk.rejected)
            for position, problems in chunk.rejected:
                summary.take(name, problems, position)
            yield chunk.read
        summary.master_data += capture_master_data(
            record.database,
            record.tenant_id,
            vocabularies_of(header),
            record_time=datetime.now(UTC),
        )
    except (OSError, EOFError, zlib.error) as error:
        said = getattr(error, "strerror", None) or str(error)
        summary.take(name, [Problem(code="cli.file_unreadable", where=name, found=said)])
    except InvalidInput as error:
        summary.take(name, error.problems)


def _files(paths: Iterable[str], summary: _Summary) -> Iterator[tuple[str, BinaryIO]]:
    """Open what was named, one after the other; what can't be opened is noted."""
    for path in _expanded(paths):
        if path == "-":
            yield "-", sys.stdin.buffer
            continue
        try:
            with Path(path).open("rb") as file:
                yield path, file
        except OSError as error:
            problem = Problem(
                code="cli.file_unreadable", where=path, found=error.strerror or str(error)
            )
            summary.take(path, [problem])


def _expanded(paths: Iterable[str]) -> Iterator[str]:
    for path in paths:
        if path != "-" and Path(path).is_dir():
            yield from (
                str(file)
                for file in sorted(Path(path).rglob("*"))
                if file.is_file() and file.name.removesuffix(".gz").endswith(_SUFFIXES)
            )
        else:
            yield path


def _unpacked(file: BinaryIO) -> BinaryIO:
    """Look through gzip, told by its first bytes."""
    if not isinstance(file, io.BufferedReader):
        file = io.BufferedReader(cast(io.RawIOBase, file))
    if file.peek(2)[:2] == _GZIP_MAGIC:
        return io.BufferedReader(gzip.GzipFile(fileobj=file), 1 << 20)
    return file


def _show(summary: _Summary, *, as_json: bool, language: Language) -> None:
    if as_json:
        say_json(summary.as_dict(language))
        return
    for found in summary.errors[:_SHOWN_MAX]:
        say_problem(sys.stdout, found.file, found.problem, language, position=found.position)
    if (hidden := summary.problems - _SHOWN_MAX) > 0:
        say(
            f"… and {count_of(hidden, 'more problem')}; `suyuan check` shows all",
            f"……另有 {hidden:,} 处错误，可用 `suyuan check` 查看全部",
            language,
        )
    rate = summary.read / max(summary.seconds, 1e-9)
    say(
        f"{count_of(summary.captured, 'event')} captured, {summary.duplicates:,} known before, "
        f"{summary.refused:,} refused, from {count_of(summary.files, 'file')} "
        f"in {summary.seconds:.1f} s ({rate:,.0f}/s); journal at {summary.sequence:,}",
        f"入账 {summary.captured:,} 条，已有 {summary.duplicates:,} 条，"
        f"拒绝 {summary.refused:,} 条，"
        f"共 {summary.files:,} 个文件，用时 {summary.seconds:.1f} 秒（{rate:,.0f} 条/秒）；"
        f"事件账序号 {summary.sequence:,}",
        language,
    )
