"""`suyuan capture`: files, folders, streams into the journal. 入账"""

from __future__ import annotations

import gzip
import io
import sys
import time
import zlib
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, BinaryIO, cast

import msgspec
import typer

from suyuan.cli._terminal import (
    DataOption,
    JsonOption,
    LanguageOption,
    Record,
    TenantOption,
    language_of,
    open_record,
    output,
    progress_bar,
    say,
    say_json,
)
from suyuan.errors import InvalidInput, Language, Problem
from suyuan.journal import capture_master_data, capture_stream, vocabularies_of

__all__ = ["capture_command"]

_SUFFIXES = (".json", ".jsonld", ".ndjson", ".jsonl", ".xml")
_SHOWN_MAX = 20
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
    errors: list[dict[str, str]] = msgspec.field(default_factory=list)


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
        for name, file in _files(paths, summary, language):
            summary.files += 1
            for chunk in _store_stream(record, file, name, summary, language):
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


def _store_stream(
    record: Record, file: BinaryIO, name: str, summary: _Summary, language: Language
) -> Iterator[int]:
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
                for problem in problems[: _SHOWN_MAX - len(summary.errors)]:
                    shown = problem.as_dict(language)
                    summary.errors.append({"file": name, "event": str(position), **shown})
            yield chunk.read
        summary.master_data += capture_master_data(
            record.database,
            record.tenant_id,
            vocabularies_of(header),
            record_time=datetime.now(UTC),
        )
    except (OSError, EOFError, zlib.error) as error:
        problem = Problem(code="cli.file_unreadable", where=name, found=str(error))
        summary.errors.append({"file": name, **problem.as_dict(language)})
    except InvalidInput as error:
        summary.errors += [{"file": name, **one.as_dict(language)} for one in error.problems]


def _files(
    paths: Iterable[str], summary: _Summary, language: Language
) -> Iterator[tuple[str, BinaryIO]]:
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
            summary.errors.append({"file": path, **problem.as_dict(language)})


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
        say_json(summary)
        return
    for error in summary.errors:
        place = f"{error['file']}" + (f" #{error['event']}" if "event" in error else "")
        output.print(f"{place}: {error['message']}  [{error['code']}]", markup=False, style="red")
    if summary.refused > len(summary.errors):
        hidden = summary.refused - len(summary.errors)
        say(f"… and {hidden:,} more", f"……另有 {hidden:,} 条", language)
    rate = summary.read / max(summary.seconds, 1e-9)
    say(
        f"{summary.captured:,} events captured, {summary.duplicates:,} known before, "
        f"{summary.refused:,} refused, from {summary.files:,} files in {summary.seconds:.1f} s "
        f"({rate:,.0f}/s); journal at {summary.sequence:,}",
        f"入账 {summary.captured:,} 条，已有 {summary.duplicates:,} 条，"
        f"拒绝 {summary.refused:,} 条，"
        f"共 {summary.files:,} 个文件，用时 {summary.seconds:.1f} 秒（{rate:,.0f} 条/秒）；"
        f"事件账序号 {summary.sequence:,}",
        language,
    )
