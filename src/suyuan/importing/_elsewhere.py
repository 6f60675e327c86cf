"""Reading and converting in a process of its own: bounded in memory, out of the server's way.

The process gets one order on its standard input and answers with lines of JSON: how far it is,
and at last what came of it. It knows no database and holds no key. 处理进程
"""

from __future__ import annotations

import contextlib
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import msgspec

from suyuan.errors import InvalidInput, Problem, Unavailable
from suyuan.importing._convert import Converted, convert
from suyuan.importing._mapping import Mapping as ColumnMapping
from suyuan.importing._mapping import bind
from suyuan.importing._reading import Found, Reading, read_file
from suyuan.importing._resolve import Names

__all__ = ["MEMORY_BYTES_MAX", "convert_elsewhere", "main", "read_elsewhere"]

MEMORY_BYTES_MAX = 4 * 2**30  # A sheet of a million rows and eight columns takes 0.8 GB.
_TOLD_S = 0.2
Told = Callable[[str, int, int], None]


class _ReadOrder(msgspec.Struct, tag="read"):
    file: str
    folder: str
    reading: Reading


class _ConvertOrder(msgspec.Struct, tag="convert"):
    folder: str
    mapping: ColumnMapping
    columns: list[str]
    first: int
    edits: dict[int, dict[int, str]]
    is_check: bool
    names: Names


class _Progress(msgspec.Struct, tag="progress"):
    phase: str
    done: int
    total: int


class _Failed(msgspec.Struct, tag="failed"):
    problems: list[Problem]


class _Read(msgspec.Struct, tag="read"):
    found: Found


class _Converted(msgspec.Struct, tag="converted"):
    converted: Converted


_encode = msgspec.json.Encoder(enc_hook=str).encode
_decode_order = msgspec.json.Decoder(_ReadOrder | _ConvertOrder).decode
_Message = _Progress | _Failed | _Read | _Converted
_decode: Callable[[bytes], _Message] = msgspec.json.Decoder(_Message).decode


def _tell_nobody(phase: str, done: int, total: int) -> None:
    """Tell nobody."""


def read_elsewhere(
    file: Path, folder: Path, reading: Reading, *, told: Told = _tell_nobody
) -> Found:
    """Spool a file, and say what it is.

    Raises InvalidInput with all that is wrong, Unavailable `importing.reader_lost`.
    """
    answer = _run(_ReadOrder(str(file), str(folder), reading), told)
    assert isinstance(answer, _Read)
    return answer.found


def convert_elsewhere(
    folder: Path,
    mapping: ColumnMapping,
    found: Found,
    names: Names,
    edits: Mapping[int, Mapping[int, str]],
    *,
    is_check: bool,
    told: Told = _tell_nobody,
) -> Converted:
    """Turn a spooled table into events on disk. Raises as `read_elsewhere`."""
    plain = {row: dict(cells) for row, cells in edits.items()}
    first = found.header_row + 1
    order = _ConvertOrder(str(folder), mapping, found.columns, first, plain, is_check, names)
    answer = _run(order, told)
    assert isinstance(answer, _Converted)
    return answer.converted


def _run(order: _ReadOrder | _ConvertOrder, told: Told) -> _Read | _Converted:
    process = subprocess.Popen(
        [sys.executable, "-P", "-c", f"from {__name__} import main; main()"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    try:
        assert process.stdin is not None
        assert process.stdout is not None
        with contextlib.suppress(BrokenPipeError), process.stdin:
            process.stdin.write(_encode(order))
        for line in process.stdout:
            message = _decode(line)
            if isinstance(message, _Progress):
                told(message.phase, message.done, message.total)
            elif isinstance(message, _Failed):
                raise InvalidInput(message.problems)
            else:
                return message
        code = process.wait()
        if code in (-signal.SIGABRT, -signal.SIGKILL, -signal.SIGSEGV):
            raise InvalidInput(_memory_exceeded())  # How libraries end that get no more memory.
        raise Unavailable(Problem(code="importing.reader_lost", found=str(code)))
    finally:
        process.kill()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()


def _memory_exceeded() -> Problem:
    return Problem(code="importing.memory_exceeded", expected=f"{MEMORY_BYTES_MAX >> 30} GiB")


def main() -> None:
    """Do what the order on standard input says."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES_MAX, MEMORY_BYTES_MAX))
    order = _decode_order(sys.stdin.buffer.read())
    try:
        _say(_done(order))
    except InvalidInput as error:
        _say(_Failed(list(error.problems)))
    except MemoryError:
        _say(_Failed([_memory_exceeded()]))
    except BrokenPipeError:
        pass  # Nobody listens any more.


def _done(order: _ReadOrder | _ConvertOrder) -> _Read | _Converted:
    last = 0.0

    def tell(phase: str, done: int, total: int) -> None:
        nonlocal last
        if time.monotonic() - last > _TOLD_S:
            last = time.monotonic()
            _say(_Progress(phase, done, total))

    if isinstance(order, _ReadOrder):
        for step in read_file(Path(order.file), Path(order.folder), order.reading):
            if isinstance(step, Found):
                return _Read(step)
            tell("read", step, 0)
        raise AssertionError("a file that was read without a result")
    converted = convert(
        Path(order.folder),
        bind(order.mapping, order.columns),
        order.names,
        order.edits,
        first=order.first,
        is_check=order.is_check,
        told=tell,
    )
    return _Converted(converted)


def _say(message: _Progress | _Failed | _Read | _Converted) -> None:
    sys.stdout.buffer.write(_encode(message) + b"\n")
    sys.stdout.buffer.flush()
