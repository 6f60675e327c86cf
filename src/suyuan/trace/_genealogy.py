"""The genealogy of one tenant in memory, brought up to the journal at each question. 谱系

Durability: none, and none is needed: everything follows from the journal. Concurrency: any
number of threads ask at once; one of them brings the genealogy up to date while the others
that need what is new wait. What was given out never changes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from threading import Lock

from suyuan.errors import InvalidInput, Problem
from suyuan.store import Connection, Database
from suyuan.trace._books import Books, open_books
from suyuan.trace._facts import Facts
from suyuan.trace._graph import Graph, make_graph
from suyuan.trace._load import is_changed, load_facts, position_at, position_now

__all__ = ["Genealogy", "Known"]

_EARLIER_MAX = 4  # Genealogies as of an earlier moment that are kept.


@dataclass(frozen=True)
class Known:
    """What is known at one position of the journal."""

    position: int
    facts: Facts
    graph: Graph

    @cached_property
    def books(self) -> Books:
        """Give what portions are worked out from."""
        return open_books(self.facts, self.graph)


class Genealogy:
    """Gives what is known now, or was known at an earlier record time."""

    def __init__(self, database: Database, tenant_id: int) -> None:
        self.database = database
        self.tenant_id = tenant_id
        self._now: Known | None = None
        self._earlier: dict[int, Known] = {}
        self._lock = Lock()

    def get_ready(self) -> None:
        """Read the journal before anybody asks."""
        with self.database.tenant(self.tenant_id, read_only=True) as connection:
            self.known(connection)

    def known(
        self,
        connection: Connection,
        *,
        as_of: datetime | None = None,
        not_before: int | None = None,
    ) -> Known:
        """Give what the journal says in the connection's transaction, or said at `as_of`.

        `not_before` is a position that the caller has seen. Raises InvalidInput
        `trace.position_unknown` where the journal has not come so far.
        """
        position = position_now(connection, self.tenant_id)
        if not_before is not None and not_before > position:
            raise InvalidInput(
                Problem(
                    code="trace.position_unknown", expected=str(position), found=str(not_before)
                )
            )
        if as_of is not None:
            return self._at(connection, position_at(connection, self.tenant_id, as_of))
        with self._lock:
            now = self._now
            if now is None or now.position < position:
                self._now = now = self._caught_up(connection, now, position)
        # Another question may have seen more of the journal than this transaction does.
        return now if now.position == position else self._at(connection, position)

    def _caught_up(self, connection: Connection, before: Known | None, position: int) -> Known:
        if before is not None and not is_changed(
            connection, self.tenant_id, before.position, position
        ):
            return Known(position, before.facts, before.graph)
        return self._loaded(connection, position)

    def _at(self, connection: Connection, position: int) -> Known:
        with self._lock:
            if self._now is not None and self._now.position == position:
                return self._now
            known = self._earlier.get(position)
            if known is None:
                known = self._loaded(connection, position)
                while len(self._earlier) >= _EARLIER_MAX:
                    self._earlier.pop(next(iter(self._earlier)))
                self._earlier[position] = known
            return known

    def _loaded(self, connection: Connection, position: int) -> Known:
        facts = load_facts(connection, self.tenant_id, position)
        return Known(position, facts, make_graph(facts))
