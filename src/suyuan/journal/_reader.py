"""Reading in a process of its own, so that a long capture uses two processors. 读取进程

Reading and hashing take about as long as storing does, and one interpreter can't do both at
once. The reader gets the text on its standard input and answers on its standard output with
frames: four bytes of length, then one message. It knows no database and holds no key.
"""

from __future__ import annotations

import contextlib
import io
import os
import subprocess
import sys
from collections.abc import Iterator
from threading import Thread
from typing import IO, Any, BinaryIO

import msgspec

from suyuan.errors import InvalidInput, Problem, SuyuanError, Unavailable
from suyuan.journal._chunks import Chunk, read_chunks

__all__ = ["main", "read_chunks_elsewhere"]

_PIECE_BYTES = 1 << 20
_LENGTH_BYTES = 4


class _End(msgspec.Struct, frozen=True, tag="end"):
    """The text ended: what stands around the events, or what went wrong."""

    header: dict[str, Any] = {}
    fault: str = ""
    problems: list[Problem] = []


_encode = msgspec.msgpack.Encoder(enc_hook=str).encode
_decode = msgspec.msgpack.Decoder(Chunk | _End).decode


def read_chunks_elsewhere(
    file: BinaryIO, *, header: dict[str, Any], start: bytes = b""
) -> Iterator[Chunk]:
    """Read a text like `read_chunks`, in a process that ends with this iteration.

    `start` is what was read of the file before. Raises what reading the file raises, and
    Unavailable `journal.reader_lost` when the process ends before its time.
    """
    descriptor = None if start else _descriptor(file)
    process = subprocess.Popen(
        [sys.executable, "-P", "-c", f"from {__name__} import main; main()"],
        stdin=subprocess.PIPE if descriptor is None else descriptor,
        stdout=subprocess.PIPE,
        start_new_session=True,  # Ctrl-C is for us; the reader ends with us.
    )
    feeder = _Feeder(file, start, process.stdin) if process.stdin is not None else None
    try:
        assert process.stdout is not None
        while isinstance(message := _received(process.stdout), Chunk):
            yield message
        if feeder is not None:
            feeder.finish()
        if message is None:
            raise Unavailable(Problem(code="journal.reader_lost", found=str(process.wait())))
        if message.problems:
            raise InvalidInput(message.problems)
        if message.fault:
            raise OSError(message.fault)
        header.update(message.header)
    finally:
        process.kill()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()


def _descriptor(file: BinaryIO) -> int | None:
    """Give the descriptor of a plain file, set to where the file is; others are copied over."""
    if isinstance(file, io.BufferedReader) and isinstance(file.raw, io.FileIO) and file.seekable():
        os.lseek(file.fileno(), file.tell(), os.SEEK_SET)
        return file.fileno()
    return None


class _Feeder:
    """A thread that copies a file to the reader, and keeps the error that ends it."""

    def __init__(self, file: BinaryIO, start: bytes, pipe: IO[bytes]) -> None:
        self._error: BaseException | None = None
        self._thread = Thread(target=self._run, args=(file, start, pipe), daemon=True)
        self._thread.start()

    def _run(self, file: BinaryIO, start: bytes, pipe: IO[bytes]) -> None:
        try:
            with contextlib.suppress(BrokenPipeError), pipe:
                piece = start or file.read(_PIECE_BYTES)
                while piece:
                    pipe.write(piece)
                    piece = file.read(_PIECE_BYTES)
        except BaseException as error:  # noqa: BLE001 - raised by `finish`, where it is awaited
            self._error = error

    def finish(self) -> None:
        """Raise what reading the file raised. Called when the reader has all or has ended."""
        if self._error is not None:
            raise self._error


def _received(pipe: IO[bytes]) -> Chunk | _End | None:
    """Give the next message, None when there is no whole one any more."""
    length = pipe.read(_LENGTH_BYTES)
    if len(length) < _LENGTH_BYTES:
        return None
    size = int.from_bytes(length, "big")
    data = pipe.read(size)
    return _decode(data) if len(data) == size else None


def _send(message: Chunk | _End) -> None:
    data = _encode(message)
    sys.stdout.buffer.write(len(data).to_bytes(_LENGTH_BYTES, "big"))
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()


def main() -> None:
    """Read standard input to its end; go quietly when nobody listens any more."""
    header: dict[str, Any] = {}
    try:
        with contextlib.suppress(BrokenPipeError):
            _answer(header)
    finally:
        with contextlib.suppress(BrokenPipeError):
            sys.stdout.close()


def _answer(header: dict[str, Any]) -> None:
    try:
        for chunk in read_chunks(sys.stdin.buffer, header=header):
            _send(chunk)
    except BrokenPipeError:
        raise
    except SuyuanError as error:
        _send(_End(problems=list(error.problems)))
    except OSError as error:
        _send(_End(fault=error.strerror or str(error)))
    else:
        _send(_End(header=header))
