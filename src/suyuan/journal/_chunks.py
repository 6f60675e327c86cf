"""Reading a text of any length into chunks that are ready for the journal. 分段读取"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, BinaryIO

import msgspec

from suyuan.event import DOCUMENT_POSITION, Rejected, read_stream
from suyuan.journal._prepare import Prepared, Preparing

__all__ = ["Chunk", "read_chunks"]

_EVENTS_MAX = 4_000
_BYTES_MAX = 16 * 2**20


class Chunk(msgspec.Struct, frozen=True, tag="chunk"):
    """Events on their way into the journal, with their positions in the text from 0.

    `rejected` are those that can't come with them. Whether it `is_last` a text of just so many
    events does not tell.
    """

    prepared: Prepared
    positions: list[int]
    rejected: list[Rejected]
    is_last: bool

    @property
    def read(self) -> int:
        """Count the events of the text that this chunk speaks of."""
        bad = sum(one.position != DOCUMENT_POSITION for one in self.rejected)
        return len(self.positions) + bad


def read_chunks(
    file: BinaryIO, *, header: dict[str, Any], keep_events: bool = False
) -> Iterator[Chunk]:
    """Read a text chunk by chunk, in flat memory, whichever format it has.

    Each event is prepared right after it was read, while it is still at hand. `header` is
    filled, after the last event, with what stands around the events.
    """
    preparing = Preparing(keep_events=keep_events)
    positions: list[int] = []
    rejected: list[Rejected] = []
    position = 0
    for item in read_stream(file, header=header):
        if isinstance(item, Rejected):
            rejected.append(item)
            position += item.position != DOCUMENT_POSITION
        else:
            preparing.add(item)
            positions.append(position)
            position += 1
        if len(positions) + len(rejected) >= _EVENTS_MAX or preparing.size_bytes >= _BYTES_MAX:
            yield Chunk(preparing.prepared(), positions, rejected, False)
            preparing = Preparing(keep_events=keep_events)
            positions, rejected = [], []
    if positions or rejected:
        yield Chunk(preparing.prepared(), positions, rejected, True)
