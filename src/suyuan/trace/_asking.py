"""A question while it is answered: where it begins, and how it reads what it still needs. 提问

Where the journal has come to, and which objects are meant, are asked for in one way to the
database. Most answers then lie in memory; whoever needs more opens a transaction, which sees
at least that much of the journal.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from datetime import datetime

import numpy as np

from suyuan.store import Connection, Function
from suyuan.trace._columns import Ints
from suyuan.trace._genealogy import Genealogy
from suyuan.trace._index import Known
from suyuan.trace._names import all_known, canonical_uris, numbers_asked, plant_bases
from suyuan.trace._neighbourhood import Around

__all__ = ["Asking", "asking"]

_LOOK_UP = Function(
    "suyuan_look_up",
    "SELECT last_sequence, master_data, uri, object_id FROM journal.look_up($1, $2)",
    str,
)


class Asking:
    """One question; threads have their own."""

    def __init__(
        self, genealogy: Genealogy, stack: contextlib.ExitStack, as_of: datetime | None
    ) -> None:
        self.genealogy = genealogy
        self.as_of = as_of
        self.position = 0
        """Where the journal had come to when the question began, or at `as_of`."""
        self.starts: dict[str, int] = {}
        """The canonical URIs of what was asked for, with their numbers."""
        self.master_data: int | None = None
        """How often the master data had changed by then; None as of an earlier time."""
        self._stack = stack
        self._connection: Connection | None = None

    @property
    def numbers(self) -> Ints:
        """Give the numbers of what was asked for."""
        return np.array(list(self.starts.values()), np.int64)

    def connection(self) -> Connection:
        """Give the transaction of the question, begun when somebody first reads with it."""
        if self._connection is None:
            question = self.genealogy.database.question(self.genealogy.tenant_id)
            self._connection = self._stack.enter_context(question)
        return self._connection

    def known(self, around: Around) -> Known:
        """Give what an answer needs that is about what is `around` objects."""
        genealogy = self.genealogy
        if self.as_of is None and self._connection is None:
            at_hand = genealogy.at_hand(self.position)
            if at_hand is not None:
                return at_hand
        return genealogy.known(
            self.connection(), as_of=self.as_of, around=around, position=self.position
        )

    def begin(self, codes: Sequence[str], not_before: int | None) -> None:
        """Find out what the codes mean, and where the journal is, or was."""
        genealogy = self.genealogy
        uris = canonical_uris(codes, self._bases)
        if self.as_of is None:
            self._look_up(uris)
            genealogy.check_position(self.position, not_before)
            return
        connection = self.connection()
        self.position = genealogy.position(connection, as_of=self.as_of, not_before=not_before)
        self.starts = numbers_asked(connection, genealogy.tenant_id, uris, self.position)

    def _bases(self) -> list[str]:
        # A transaction of its own: that of the question sees no less than what was looked up.
        with self.genealogy.database.tenant(self.genealogy.tenant_id, read_only=True) as reading:
            return plant_bases(reading, self.genealogy.tenant_id)

    def _look_up(self, uris: Sequence[str]) -> None:
        genealogy = self.genealogy
        rows = genealogy.database.call(_LOOK_UP, genealogy.tenant_id, uris)
        self.position, self.master_data = (int(value or 0) for value in rows[0][:2])
        found = {uri.decode(): int(number) for _, _, uri, number in rows if uri and number}
        self.starts = all_known(uris, found)
        genealogy.names.note({number: uri for uri, number in self.starts.items()})


@contextlib.contextmanager
def asking(
    genealogy: Genealogy,
    codes: Sequence[str],
    *,
    as_of: datetime | None = None,
    not_before: int | None = None,
) -> Iterator[Asking]:
    """Ask about codes in any spelling, until the block ends.

    Raises InvalidInput with all that is wrong with the codes, or `trace.position_unknown`;
    NotFound `trace.object_unknown` for what no event names.
    """
    with contextlib.ExitStack() as stack:
        asked = Asking(genealogy, stack, as_of)
        asked.begin(codes, not_before)
        yield asked
