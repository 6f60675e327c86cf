"""Capturing texts of any length: one chunk is read and hashed while another is stored. 批量入账

Memory is bounded by three chunks. A chunk is a transaction of its own, so what was
acknowledged stays when the stream breaks off later, and sending it all again is harmless.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from typing import Any, BinaryIO

import msgspec

from suyuan.errors import Problem
from suyuan.journal._chunks import Chunk, read_chunks
from suyuan.journal._journal import CaptureResult, Journal
from suyuan.journal._reader import read_chunks_elsewhere

__all__ = ["ChunkResult", "capture_stream"]

_SHORT_BYTES = 4 * 2**20  # What is shorter is done before a second process has begun.


class ChunkResult(msgspec.Struct, frozen=True):
    """What became of one chunk; positions count all events of the stream from 0."""

    read: int
    captured: int
    duplicates: int
    sequence: int
    rejected: list[tuple[int, tuple[Problem, ...]]]


def capture_stream(
    journal: Journal, file: BinaryIO, *, header: dict[str, Any] | None = None
) -> Iterator[ChunkResult]:
    """Capture all valid events of a text, telling of each chunk when it is committed.

    JSON, NDJSON or XML. `header` is filled at the end with what stands around the events.
    Raises what reading the file raises, and what `Journal.capture` raises.
    """
    chunks = _chunks(journal, file, {} if header is None else header)
    first = next(chunks, None)
    if first is None:
        return
    if first.is_last:  # Nothing is left to be read meanwhile.
        for _ in chunks:
            raise AssertionError("a chunk comes after the last one")
        yield _result(first, journal.capture_prepared(first.prepared, proceed=True))
        return
    with ThreadPoolExecutor(1, thread_name_prefix="capture") as pool:
        running = first, pool.submit(journal.capture_prepared, first.prepared, proceed=True)
        for chunk in chunks:
            yield _result(running[0], running[1].result())
            running = chunk, pool.submit(journal.capture_prepared, chunk.prepared, proceed=True)
        yield _result(running[0], running[1].result())


def _chunks(journal: Journal, file: BinaryIO, header: dict[str, Any]) -> Iterator[Chunk]:
    """Read here what is short or what guards want to see, the rest in another process."""
    if journal.is_guarded:
        return read_chunks(file, header=header, keep_events=True)
    start = b""
    while len(start) < _SHORT_BYTES and (piece := file.read(_SHORT_BYTES - len(start))):
        start += piece
    if len(start) < _SHORT_BYTES:
        return read_chunks(BytesIO(start), header=header)
    if file.seekable():
        file.seek(-len(start), 1)
        start = b""
    return read_chunks_elsewhere(file, header=header, start=start)


def _result(chunk: Chunk, stored: CaptureResult) -> ChunkResult:
    refused: list[tuple[int, tuple[Problem, ...]]] = [
        (position, (outcome.problem,))
        for position, outcome in zip(chunk.positions, stored.outcomes, strict=True)
        if outcome.problem is not None
    ]
    rejected = [(one.position, one.problems) for one in chunk.rejected]
    return ChunkResult(
        read=chunk.read,
        captured=stored.captured,
        duplicates=stored.duplicates,
        sequence=stored.sequence,
        rejected=sorted(rejected + refused, key=lambda one: one[0]),
    )
