"""What is past its date and still there, by product, lot and place. 过期清单

In house is what was never shipped, and what is at a site of our own; what others have is told
on request. What a date says is told, not what anybody recorded.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt

from suyuan.store import Connection
from suyuan.trace._answer import first_lots
from suyuan.trace._columns import Ints
from suyuan.trace._dates import DATE_KINDS, Dated, DateKind, Dates
from suyuan.trace._excerpt import kin_of
from suyuan.trace._genealogy import Genealogy
from suyuan.trace._index import Known
from suyuan.trace._names import uris_of
from suyuan.trace._parts import site_in, sites_of
from suyuan.trace._presence import Presence, Present
from suyuan.trace._standing import Stage
from suyuan.trace._stays import FOREVER
from suyuan.trace._times import microseconds, moment_of
from suyuan.trace._titles import title_in, titles_of

__all__ = ["Expired", "PastDate", "expired"]

_THERE = (Stage.ON_SITE, Stage.ON_THE_WAY, Stage.DELIVERED)

Mask = npt.NDArray[np.bool_]


class PastDate(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """So much of one lot at one place, past its date since `ends`.

    `is_lot` tells that the lot goes by quantity: then `quantity` is how much of it is there.
    """

    kind: DateKind
    ends: datetime
    objects: int
    product: str | None = None
    lot: str | None = None
    is_lot: bool = False
    quantity: float | None = None
    uom: str | None = None
    place: str | None = None
    name: str | None = None
    name_zh: str | None = None


class Expired(msgspec.Struct, frozen=True, kw_only=True):
    """How many units and lots are past a date, and the list of them; what ended first is first."""

    position: int
    objects: int
    rows: list[PastDate]


class _Row(NamedTuple):
    product: int
    lot: int
    is_lot: int
    place: int
    kind: int
    end: int


def expired(
    genealogy: Genealogy,
    presence: Presence,
    dates: Dates,
    *,
    now: datetime,
    ours: Collection[str] = (),
    is_everywhere: bool = False,
) -> Expired:
    """Tell what is past its date and still in house, or anywhere. 过期清单"""
    with genealogy.database.tenant(genealogy.tenant_id, read_only=True) as connection:
        known = genealogy.known(connection)
        present = presence.everything(genealogy, connection, known)
        dated = dates.all(connection, genealogy.tenant_id, known.position)
        kinds, ends = _ends(known, dated, len(present.objects))
        is_lot = np.isin(present.objects, _lots_among(known, present.objects))
        stages = present.stages
        # Of a lot that was used or sent the books tell whether there is a rest.
        is_past = (ends <= microseconds(now)) & _counts(known, present)
        is_past &= np.isin(stages, _THERE) | (is_lot & (stages == Stage.USED))
        if not is_everywhere:
            is_ours = _is_ours(connection, genealogy.tenant_id, present.places, ours)
            is_rest = is_lot & np.isin(stages, (Stage.ON_THE_WAY, Stage.USED))
            is_back = (stages == Stage.DELIVERED) & is_ours
            is_past &= (stages == Stage.ON_SITE) | is_rest | is_back
        past = present.some(is_past)
        rows = list(
            _rows(
                *(genealogy, connection, known, presence, past, kinds, ends),
                is_everywhere=is_everywhere,
            )
        )
        return _named(connection, genealogy.tenant_id, known, rows)


def _counts(known: Known, present: Present) -> Mask:
    """Leave out what goes by no product, and lots whose units are counted singly."""
    counts: Mask = known.facts.classes[present.objects] > 0
    lots = _lots_among(known, present.objects)
    counts[kin_of(known, lots, is_back=False)[0]] = False
    return counts


def _lots_among(known: Known, objects: Ints) -> Ints:
    inside = objects[objects < known.graph.objects]
    lots: Ints = inside[known.graph.is_lot(inside)]
    return lots


def _ends(known: Known, dated: Dated, count: int) -> tuple[Ints, Ints]:
    """Give by object the kind of its first date and when that ends; FOREVER where it has none."""
    by_kind = np.full((len(DATE_KINDS), count), FOREVER)
    by_kind[dated.kinds, dated.objects] = dated.ends
    inside = np.arange(min(count, known.graph.objects))
    lots = np.zeros(count, np.int64)
    lots[inside] = first_lots(known.graph, inside)
    own = by_kind.copy()
    is_silent = (own == FOREVER) & (lots > 0)
    by_kind = np.where(is_silent, own[:, lots], own)
    kinds = by_kind.argmin(axis=0)
    return kinds, by_kind[kinds, np.arange(count)]


def _is_ours(connection: Connection, tenant_id: int, places: Ints, ours: Collection[str]) -> Mask:
    if not ours:
        return np.zeros(len(places), bool)
    numbers = np.unique(places[places > 0])
    uris = uris_of(connection, tenant_id, numbers.tolist())
    sites = sites_of(connection, tenant_id)
    own = [number for number, uri in uris.items() if {uri, site_in(sites, uri)} & set(ours)]
    return np.isin(places, own)


def _rows(
    genealogy: Genealogy,
    connection: Connection,
    known: Known,
    presence: Presence,
    past: Present,
    kinds: Ints,
    ends: Ints,
    *,
    is_everywhere: bool,
) -> Iterator[tuple[_Row, int, float | None]]:
    """Give each group with its number of objects and, of lots, the quantity."""
    is_lot = np.isin(past.objects, _lots_among(known, past.objects))
    units = past.some(~is_lot)
    inside = units.objects < known.graph.objects
    lots = np.zeros(len(units.objects), np.int64)
    lots[inside] = first_lots(known.graph, units.objects[inside])
    table = np.stack(
        (
            *(known.facts.classes[units.objects], lots, np.zeros(len(lots), np.int64)),
            *(units.places, kinds[units.objects], ends[units.objects]),
        ),
        axis=1,
    )
    keys, counts = np.unique(table.astype(np.int64), axis=0, return_counts=True)
    for key, count in zip(keys.tolist(), counts.tolist(), strict=True):
        yield _Row(*key), count, None
    by_quantity = past.some(is_lot)
    told = presence.lots_there(genealogy, connection, known, by_quantity.objects)
    for lot, last, stage in zip(
        *(by_quantity.objects.tolist(), by_quantity.places.tolist()),
        by_quantity.stages.tolist(),
        strict=True,
    ):
        there = told.get(lot)
        said = (int(kinds[lot]), int(ends[lot]))
        product = int(known.facts.classes[lot])
        if there is None or there.places is None:
            if stage not in (Stage.ON_SITE, Stage.DELIVERED):
                continue
            yield _Row(product, lot, 1, last, *said), 1, None
            continue
        for place, amount in there.places.items():
            # Of what others have got a part, only what is where we saw it last is ours.
            if place == last or stage == Stage.ON_SITE or is_everywhere:
                yield _Row(product, lot, 1, place, *said), 1, amount


def _moment(end: int) -> datetime:
    moment = moment_of(end)
    assert moment is not None  # It has passed.
    return moment


def _named(
    connection: Connection,
    tenant_id: int,
    known: Known,
    rows: list[tuple[_Row, int, float | None]],
) -> Expired:
    numbers = {number for row, *_ in rows for number in (row.product, row.lot, row.place)}
    uris = uris_of(connection, tenant_id, numbers - {0})
    titles = titles_of(connection, tenant_id, uris.values())
    found = [
        PastDate(
            kind=DATE_KINDS[row.kind],
            ends=_moment(row.end),
            objects=count,
            product=uris.get(row.product),
            lot=uris.get(row.lot),
            is_lot=bool(row.is_lot),
            quantity=quantity,
            uom=None if quantity is None else known.unit_of(row.lot),
            place=uris.get(row.place),
            **title_in(titles, uris.get(row.product)),
        )
        for row, count, quantity in rows
    ]
    found.sort(key=lambda one: (one.ends, one.product or "", one.lot or "", one.place or ""))
    return Expired(position=known.position, objects=sum(one.objects for one in found), rows=found)
