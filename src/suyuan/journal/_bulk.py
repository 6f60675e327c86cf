"""Capturing streams of any length: one chunk is read and hashed while another is stored. 批量入账

Memory is bounded by three chunks. A chunk is a transaction of its own, so what was
acknowledged stays when the stream breaks off later, and sending it all again is harmless.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

import msgspec

from suyuan.errors import Problem
from suyuan.event import Event, Rejected
from suyuan.journal._journal import CaptureResult, Journal
from suyuan.journal._prepare import Prepared

__all__ = ["ChunkResult", "capture_stream"]

_CHUNK_EVENTS = 2_000
_CHUNK_BYTES = 16 * 2**20
_TURN_S = 0.0003
_PORTION_EVENTS = 64  # So many are hashed right after they were read, while still at hand.


class ChunkResult(msgspec.Struct, frozen=True):
    """What became of one chunk; positions count all events of the stream from 0."""

    read: int
    captured: int
    duplicates: int
    sequence: int
    rejected: list[tuple[int, tuple[Problem, ...]]]


class _Chunk:
    """Events on their way, with their positions in the stream."""

    def __init__(self) -> None:
        self.prepared: list[Prepared] = []
        self.positions: list[int] = []
        self.rejected: list[tuple[int, tuple[Problem, ...]]] = []
        self.size_bytes = 0

    @property
    def is_full(self) -> bool:
        count = len(self.prepared) + len(self.rejected)
        return count >= _CHUNK_EVENTS or self.size_bytes >= _CHUNK_BYTES

    def result(self, stored: CaptureResult) -> ChunkResult:
        refused: list[tuple[int, tuple[Problem, ...]]] = [
            (position, (outcome.problem,))
            for position, outcome in zip(self.positions, stored.outcomes, strict=True)
            if outcome.problem is not None
        ]
        return ChunkResult(
            read=len(self.positions) + sum(position >= 0 for position, _ in self.rejected),
            captured=stored.captured,
            duplicates=stored.duplicates,
            sequence=stored.sequence,
            rejected=sorted(self.rejected + refused, key=lambda one: one[0]),
        )


def capture_stream(journal: Journal, items: Iterable[Event | Rejected]) -> Iterator[ChunkResult]:
    """Capture all valid events of a stream, telling of each chunk when it is committed."""
    with _quick_turns(), ThreadPoolExecutor(1, thread_name_prefix="capture") as pool:
        running: tuple[_Chunk, Future[CaptureResult]] | None = None
        for chunk in _chunks(journal, items):
            if running is not None:
                yield running[0].result(running[1].result())
            running = chunk, pool.submit(journal.capture_prepared, chunk.prepared, proceed=True)
        if running is not None:
            yield running[0].result(running[1].result())


@contextmanager
def _quick_turns() -> Iterator[None]:
    """Let the storing thread in soon after each wait for the network, not after 5 ms."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(_TURN_S)
    try:
        yield
    finally:
        sys.setswitchinterval(before)


def _chunks(journal: Journal, items: Iterable[Event | Rejected]) -> Iterator[_Chunk]:
    chunk = _Chunk()
    position = 0
    waiting: list[Event] = []
    for item in items:
        if isinstance(item, Rejected):
            chunk.rejected.append((item.position, item.problems))
            position += item.position >= 0
        else:
            waiting.append(item)
            chunk.positions.append(position)
            position += 1
        if len(waiting) >= _PORTION_EVENTS:
            _add(journal, chunk, waiting)
        if chunk.is_full:
            _add(journal, chunk, waiting)
            yield chunk
            chunk = _Chunk()
    _add(journal, chunk, waiting)
    if chunk.prepared or chunk.rejected:
        yield chunk


def _add(journal: Journal, chunk: _Chunk, waiting: list[Event]) -> None:
    prepared = journal.prepare(waiting)
    waiting.clear()
    chunk.prepared += prepared
    chunk.size_bytes += sum(len(one.body) for one in prepared)
