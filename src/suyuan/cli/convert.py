"""`suyuan convert`: EPCIS documents between JSON and XML, nothing lost. 格式转换"""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from suyuan.cli._problems import say_problem
from suyuan.cli._terminal import LanguageOption, language_of, say_json
from suyuan.errors import InvalidInput, Language, Problem
from suyuan.event import Document, read, write_json, write_xml

__all__ = ["Target", "convert_command"]

_STANDARD = "-"


_JsonOption = Annotated[
    bool, typer.Option("--json", help="Say what is wrong with the document as JSON.")
]


class Target(StrEnum):
    """The format to convert to."""

    JSON = "json"
    XML = "xml"


def convert_command(
    file: Annotated[
        str, typer.Argument(help="A document, or - for standard input.", metavar="FILE")
    ],
    to: Annotated[Target, typer.Option("--to", help="Format to convert to.", metavar="json|xml")],
    target: Annotated[
        str,
        typer.Option(
            "-o", "--output", help="File to write; - for standard output.", metavar="FILE"
        ),
    ] = _STANDARD,
    as_json: _JsonOption = False,
    lang: LanguageOption = None,
) -> None:
    """Convert EPCIS documents: JSON, XML 2.0, XML 1.2 to JSON or XML 2.0.

    The events mean the same and hash the same after. A document with anything wrong is not
    converted: every problem is said, with its place, and the exit code is 1.
    """
    document = read(_bytes_of(file))
    if not document.is_valid:
        _show(document, file, as_json=as_json, language=language_of(lang))
        raise typer.Exit(1)
    header = {"creationDate": _now(), **document.header}
    write = write_json if to is Target.JSON else write_xml
    _put(target, write(document.events, header=header, is_indented=True))


def _show(document: Document, name: str, *, as_json: bool, language: Language) -> None:
    """Say all that is wrong with a document."""
    if as_json:
        problems = [problem.as_dict(language) for problem in document.problems]
        say_json({"errors": [{"file": name, **problem} for problem in problems]})
        return
    for problem in document.problems:
        say_problem(sys.stderr, name, problem, language)


def _now() -> str:
    """Give the time of creation for events that came without a document around them."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _bytes_of(file: str) -> bytes:
    try:
        return sys.stdin.buffer.read() if file == _STANDARD else Path(file).read_bytes()
    except OSError as error:
        raise InvalidInput(_unusable("cli.file_unreadable", file, error)) from error


def _put(target: str, data: bytes) -> None:
    if target == _STANDARD:
        sys.stdout.buffer.write(data)
        if not data.endswith(b"\n"):
            sys.stdout.buffer.write(b"\n")
        return
    try:
        Path(target).write_bytes(data)
    except OSError as error:
        raise InvalidInput(_unusable("cli.file_unwritable", target, error)) from error


def _unusable(code: str, file: str, error: OSError) -> Problem:
    return Problem(code=code, where=file, found=error.strerror or str(error))
