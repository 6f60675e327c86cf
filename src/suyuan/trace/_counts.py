"""An answer by lot and by day. 按批次与日期汇总"""

from __future__ import annotations

from datetime import UTC, date, timedelta, tzinfo

import msgspec
import numpy as np

from suyuan.trace._amounts import amounts_of
from suyuan.trace._answer import Trace
from suyuan.trace._names import uris_of
from suyuan.trace._sieve import days_of
from suyuan.trace._stays import LONG_AGO
from suyuan.trace._titles import title_in, titles_of

__all__ = ["DayCount", "LotCount", "count_days", "count_lots"]

_EPOCH = date(1970, 1, 1)


class LotCount(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How much of an answer belongs to one lot; `lot` is None for what has none.

    Every object counts once: with its lot, or where it is a lot with itself. `quantity` is
    how much of the lot was made or received in all. The names are those of the product.
    """

    lot: str | None
    certain: int
    possible: int
    product: str | None = None
    name: str | None = None
    name_zh: str | None = None
    quantity: float | None = None
    quantity_uom: str | None = None


class DayCount(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How many objects were reached on a day; `day` is None where no moment bounds it."""

    day: date | None
    certain: int
    possible: int


def count_lots(trace: Trace) -> list[LotCount]:
    """Count what was reached by lot, the most first."""
    reach, facts = trace.reach, trace.known.facts
    numbers = reach.objects
    lots = np.where(
        trace.lots > 0, trace.lots, np.where(trace.known.graph.is_lot(numbers), numbers, 0)
    )
    keys, place = np.unique(lots, return_inverse=True)
    every = np.bincount(place, minlength=len(keys))
    certain = np.bincount(place, reach.is_certain, len(keys)).astype(int)
    products = np.where(keys > 0, facts.classes[keys], 0)
    genealogy = trace.genealogy
    with genealogy.database.tenant(genealogy.tenant_id, read_only=True) as connection:
        wanted = np.unique(np.concatenate((keys, products)))
        uris = uris_of(connection, genealogy.tenant_id, wanted.tolist())
        titles = titles_of(
            connection, genealogy.tenant_id, {uris[p] for p in products.tolist() if p}
        )
        amounts = amounts_of(connection, genealogy.tenant_id, trace.known, keys[keys > 0])
    found = []
    for at, (key, product) in enumerate(zip(keys.tolist(), products.tolist(), strict=True)):
        quantity, uom = amounts.get(key, (None, None))
        found.append(
            LotCount(
                lot=uris.get(key),
                certain=int(certain[at]),
                possible=int(every[at] - certain[at]),
                product=uris.get(product),
                **title_in(titles, uris.get(product)),
                quantity=quantity,
                quantity_uom=uom,
            )
        )
    return sorted(found, key=lambda one: (-one.certain - one.possible, one.lot or ""))


def count_days(trace: Trace, zone: tzinfo = UTC) -> list[DayCount]:
    """Count what was reached by the day of its moment, in order; what has none comes first."""
    is_certain, days = trace.reach.is_certain, days_of(trace.reach.moments, zone)
    keys, place = np.unique(days, return_inverse=True)
    every = np.bincount(place, minlength=len(keys))
    certain = np.bincount(place, is_certain, len(keys)).astype(int)
    return [
        DayCount(
            day=None if key == LONG_AGO else _EPOCH + timedelta(days=key),
            certain=int(certain[at]),
            possible=int(every[at] - certain[at]),
        )
        for at, key in enumerate(keys.tolist())
    ]
