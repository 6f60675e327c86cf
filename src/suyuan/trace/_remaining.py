"""How much of lots that go by quantity the books still have, in all and by place. 账面余量

A lot can be in several places at once, and `whereabouts` names the last. The books of a mass
balance tell how much came and went with each event; so what a site has is what came there less
what went from there, and within a site all of it is where its last event says. What goes away
from where there is nothing came from where the goods were booked last; and what is seen at a
site where there is nothing has moved there, unless some of the lot is under way: then it is that.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from suyuan.store import Connection
from suyuan.trace._columns import Ints
from suyuan.trace._containers import outsides
from suyuan.trace._entries import Kind
from suyuan.trace._facts import PIECE, measure
from suyuan.trace._index import Known
from suyuan.trace._mass_balance import Account, open_account
from suyuan.trace._names import uris_of
from suyuan.trace._parts import site_in
from suyuan.trace._said import places_of
from suyuan.trace._standing import Latest, by_rank, read_rows, recipients_of
from suyuan.trace._stays import FOREVER, LONG_AGO
from suyuan.trace._tally import Flow

__all__ = ["LotThere", "lots_by_place"]

_NOTHING = 1e-9


class LotThere(NamedTuple):
    """How much of a lot is where, by place, and on its way, in its own unit.

    None where the books do not know. `arrived` are those of the places to which it was shipped;
    `parties` how much each recipient was sent or, where more, received.
    """

    places: dict[int, float] | None
    away: float | None
    arrived: frozenset[int]
    parties: dict[int, float | None]


def _opened(
    connection: Connection, tenant_id: int, known: Known, lots: Ints
) -> tuple[Account | None, dict[int, float]]:
    """Open the books of lots whose quantity was ever told, each in its own unit."""
    lots = lots[lots < known.graph.objects]
    lots = lots[known.is_told(lots)]
    if not len(lots):
        return None, {}
    dimensions = np.full(len(known.facts.classes), measure(PIECE)[0])
    sizes: dict[int, float] = {}
    for lot in lots.tolist():
        dimensions[lot], sizes[lot] = measure(known.unit_of(lot))
    return open_account(connection, tenant_id, known, lots, dimensions), sizes


def lots_by_place(
    connection: Connection,
    tenant_id: int,
    known: Known,
    lots: Ints,
    sites: Mapping[str, str],
) -> dict[int, LotThere]:
    """Give how much of each lot is where; lots of which no quantity was told are left out.

    `sites` are what `sites_of` gives.
    """
    account, sizes = _opened(connection, tenant_id, known, lots)
    if account is None:
        return {}
    tally = account.tally
    booked = np.flatnonzero(tally.is_level & np.isin(tally.objects, lots))
    steps = _Steps(connection, tenant_id, known, np.unique(lots))
    sequences = account.said.sequences[tally.events[booked]]
    site_of = steps.sites(sites)
    folded: dict[int, _Books] = defaultdict(_Books)
    entries = iter(
        zip(
            *(tally.levels[booked].tolist(), tally.flows[booked, Flow.SHIPPED].tolist()),
            (tally.kinds[booked] == Kind.VOIDED).tolist(),
            strict=True,
        )
    )
    for lot, place, party, is_seen in steps.in_order(tally.objects[booked], sequences):
        books = folded[lot]
        if is_seen:
            books.see(site_of[place], place)
        else:
            books.book(site_of[place], place, party, *next(entries))
    return {lot: folded[lot].told(size) for lot, size in sizes.items() if lot in folded}


class _Steps:
    """Everything that happened to lots, in order: where they were seen, and what was booked."""

    def __init__(self, connection: Connection, tenant_id: int, known: Known, lots: Ints) -> None:
        self._connection, self._tenant_id = connection, tenant_id
        held = outsides(known.graph, lots[lots < known.graph.objects], LONG_AGO, FOREVER)
        things = np.unique(np.concatenate((lots, held.things)))
        self._rows = rows = read_rows(connection, tenant_id, known.position, things)
        told = places_of(connection, tenant_id, known.position, rows.sequences)
        self._where = by_rank(rows, *told)
        said = recipients_of(connection, tenant_id, known.position, rows)
        self._whom = by_rank(rows, *said)
        self._lots = lots
        latest = Latest(rows, lots, held)
        self._askers, found = latest.all_rows(np.ones(len(lots), bool))
        self._ranks = rows.ranks[found]

    def sites(self, said: Mapping[str, str]) -> dict[int, str]:
        """Give the site of each place that anything happened at; "" where no place is told."""
        numbers = np.unique(self._where)
        uris = uris_of(self._connection, self._tenant_id, numbers[numbers > 0].tolist())
        return {0: ""} | {number: site_in(said, uri) for number, uri in uris.items()}

    def in_order(self, lots: Ints, sequences: Ints) -> list[tuple[int, int, int, bool]]:
        """Give lot by lot its place and recipient at each step, and whether it was only seen.

        `lots` and `sequences` are what was booked, in the order in which it will be given.
        """
        order = np.argsort(self._rows.sequences)
        at = np.searchsorted(self._rows.sequences[order], sequences)
        ranks = order[np.minimum(at, len(order) - 1)]
        seen = np.unique(np.stack((self._lots[self._askers], self._ranks), axis=1), axis=0)
        seen = seen[self._where[seen[:, 1]] > 0]
        width = len(self._rows.sequences) + 1
        is_booked = np.isin(seen[:, 0] * width + seen[:, 1], lots * width + ranks)
        seen = seen[~is_booked]
        every = np.concatenate((seen[:, 0], lots))
        when = np.concatenate((seen[:, 1], ranks))
        is_seen = np.concatenate((np.ones(len(seen), bool), np.zeros(len(lots), bool)))
        rows = np.lexsort((np.arange(len(every)), when, every))
        return list(
            zip(
                every[rows].tolist(),
                self._where[when[rows]].tolist(),
                self._whom[when[rows]].tolist(),
                is_seen[rows].tolist(),
                strict=True,
            )
        )


@dataclass
class _Books:
    """How much of one lot each site has; the one that was touched last comes last."""

    amounts: dict[str, float] = field(default_factory=dict)
    places: dict[str, int] = field(default_factory=dict)
    level: float = 0.0
    away: float = 0.0
    arrived: set[str] = field(default_factory=set)
    sent: dict[int, float] = field(default_factory=dict)
    got: dict[int, float] = field(default_factory=dict)

    def see(self, site: str, place: int) -> None:
        """Goods are seen at a place: it is where this site has all that it has."""
        if self.amounts.get(site, 0.0) <= 0.0:
            if self.away > 0:
                return  # That is some of what is under way: a lorry tells where it is.
            other = next((one for one in reversed(self.amounts) if self.amounts[one] > 0), None)
            if other is not None:
                self.amounts[site] = self.amounts.pop(other)
        self._touch(site, place)

    def book(
        self, site: str, place: int, party: int, level: float, sent: float, is_void: bool
    ) -> None:
        """So much there is in all after an event at a place, and so much more is under way."""
        if not place and self.amounts:
            site = next(reversed(self.amounts))
            place = self.places[site]
        change = level - self.level
        if math.isnan(self.level) and not math.isnan(level):
            self.amounts, change = {}, level  # A count says how much there is after all.
        self._touch(site, place)
        if party and (sent > 0 or is_void):
            self.sent[party] = self.sent.get(party, 0.0) + sent
        elif party and change > 0:
            self.got[party] = self.got.get(party, 0.0) + change
        if change > 0:
            self.amounts[site] += change
            if sent < 0 and not is_void:
                self.arrived.add(site)
        for one in (site, *reversed(list(self.amounts))):
            taken = min(max(self.amounts[one], 0.0), -change)
            if taken > 0:
                self.amounts[one] -= taken
                change += taken
        self.level = level
        self.away += sent

    def _touch(self, site: str, place: int) -> None:
        self.amounts[site] = self.amounts.pop(site, 0.0)
        self.places[site] = place

    def told(self, size: float) -> LotThere:
        """Say it in a unit of that size."""
        away = _in(self.away, size)
        arrived = frozenset(self.places[site] for site in self.arrived)
        parties = {
            party: _in(max(self.sent.get(party, 0.0), self.got.get(party, 0.0)), size)
            for party in self.sent | self.got
        }
        if math.isnan(self.level):
            return LotThere(None, away, arrived, parties)
        found: dict[int, float] = defaultdict(float)
        for site, amount in self.amounts.items():
            if amount > _NOTHING * max(abs(self.level), 1.0):
                found[self.places[site]] += round(amount / size, 9)
        return LotThere(dict(found), away, arrived, parties)


def _in(amount: float, size: float) -> float | None:
    return None if math.isnan(amount) else max(round(amount / size, 9), 0.0)
