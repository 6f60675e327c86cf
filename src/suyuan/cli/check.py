"""`suyuan check` and `suyuan hash`: look at documents without taking them in. 校验与哈希"""

from __future__ import annotations

import gzip
import io
import sys
import zlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, cast

import typer

from suyuan.cli._problems import say_problem
from suyuan.cli._terminal import (
    JsonOption,
    LanguageOption,
    count_of,
    language_of,
    say_json,
)
from suyuan.errors import InvalidInput, Language, Problem
from suyuan.event import Event, Rejected, event_hash, prehash, read_stream

__all__ = ["check_command", "hash_command"]

_FilesArgument = Annotated[
    list[str], typer.Argument(help="Documents, or - for standard input.", metavar="FILE")
]

_STANDARD = "-"
_GZIP_MAGIC = b"\x1f\x8b"
_BUFFER_BYTES = 1 << 20
_KEPT_MAX = 10_000  # More problems of one file than this are counted, not kept, for --json.


def check_command(
    files: _FilesArgument, as_json: JsonOption = False, lang: LanguageOption = None
) -> None:
    """Check EPCIS documents: JSON, NDJSON, XML 2.0 and 1.2, also gzipped.

    Says everything that is wrong: where, by which rule, what was expected and what was found.
    Exit 1 when anything is wrong.
    """
    language = language_of(lang)
    answers = [_check(name, as_json=as_json, language=language) for name in files]
    is_valid = all(answer["is_valid"] for answer in answers)
    if as_json:
        say_json({"is_valid": is_valid, "files": answers})
    if not is_valid:
        raise typer.Exit(1)


def hash_command(
    files: _FilesArgument,
    is_prehash: Annotated[
        bool, typer.Option("--prehash", help="Show the text that is hashed instead.")
    ] = False,
    as_json: JsonOption = False,
    lang: LanguageOption = None,
) -> None:
    """Give the CBV 2.0 event hash of each event, one a line, in their order.

    Exit 1 when anything is wrong; what is wrong is said on standard error.
    """
    language = language_of(lang)
    listed: list[dict[str, Any]] = []
    is_valid = True
    for name in files:
        position = 0
        for item in _items(name):
            if isinstance(item, Rejected):
                is_valid = False
                for problem in item.problems:
                    say_problem(sys.stderr, name, problem, language)
            elif as_json:
                entry = {"file": name, "position": position, "hash": event_hash(item)}
                listed.append(entry | ({"prehash": prehash(item)} if is_prehash else {}))
            else:
                sys.stdout.write((prehash(item) if is_prehash else event_hash(item)) + "\n")
            if isinstance(item, Event) or item.position >= 0:
                position += 1
    if as_json:
        say_json({"is_valid": is_valid, "events": listed})
    if not is_valid:
        raise typer.Exit(1)


def _check(name: str, *, as_json: bool, language: Language) -> dict[str, Any]:
    """Check one file; unless it is for JSON, say what is found as it is found."""
    counts: Counter[str] = Counter()
    errors: list[dict[str, str]] = []
    found = 0
    for item in _items(name):
        if isinstance(item, Event):
            counts[item.body["type"]] += 1
            continue
        for problem in item.problems:
            found += 1
            if not as_json:
                say_problem(sys.stdout, name, problem, language)
            elif len(errors) < _KEPT_MAX:
                errors.append(problem.as_dict(language))
    if not as_json:
        sys.stdout.write(_summary(name, counts, found, language) + "\n")
    return {
        "file": name,
        "is_valid": not found,
        "events": counts.total(),
        "event_types": dict(sorted(counts.items())),
        "problems": found,
        "errors": errors,
    }


def _summary(name: str, counts: Counter[str], problems: int, language: Language) -> str:
    """Say in one line what a file came to."""
    kinds = ", ".join(f"{count:,} {kind}" for kind, count in sorted(counts.items()))
    if language == "zh":
        events = f"{counts.total():,} 个事件" + (f"（{kinds}）" if kinds else "")
        return (
            f"无效 {name}：{problems:,} 处错误，{events}有效"
            if problems
            else f"有效 {name}：{events}"
        )
    events = count_of(counts.total(), "event") + (f" ({kinds})" if kinds else "")
    if problems:
        return f"INVALID {name}: {count_of(problems, 'problem')}; valid: {events}"
    return f"OK {name}: {events}"


def _items(name: str) -> Iterator[Event | Rejected]:
    """Read the events of a file, gzipped or not; what can't be read is one more problem."""
    try:
        if name == _STANDARD:
            yield from _events(sys.stdin.buffer)
        else:
            with Path(name).open("rb") as file:
                yield from _events(file)
    except InvalidInput as error:
        yield Rejected(-1, error.problems)
    except (OSError, EOFError, zlib.error) as error:
        said = getattr(error, "strerror", None) or str(error)
        problem = Problem(code="cli.file_unreadable", where=name, found=said)
        yield Rejected(-1, (problem,))


def _events(file: io.BufferedIOBase | Any) -> Iterator[Event | Rejected]:
    stream = io.BufferedReader(cast(io.RawIOBase, file), _BUFFER_BYTES)
    if stream.peek(2)[:2] == _GZIP_MAGIC:
        stream = io.BufferedReader(cast(io.RawIOBase, gzip.GzipFile(fileobj=stream)), _BUFFER_BYTES)
    return read_stream(stream)
