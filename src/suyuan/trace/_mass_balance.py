"""Mass balance: what came in of a lot or a product, and what became of all of it. 物料平衡

    opening + received + made + adjusted
        = used + in stock + shipped + scrapped + sampled + returned + unexplained

A quantity that is missing or does not convert makes its figure unknown, and what follows from
it; what is known of the figure is told beside it. The meaning of each figure is defined in
docs/design/trace.md.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime

import msgspec
import numpy as np

from suyuan.errors import InvalidInput, NotFound, Problem
from suyuan.identifier import parse
from suyuan.quantity import find_unit
from suyuan.store import Connection
from suyuan.trace._columns import Ints
from suyuan.trace._entries import Entries, Floats, Kind, entries_of, pairs_of
from suyuan.trace._expected_loss import expected_loss_of
from suyuan.trace._facts import PIECE, measure
from suyuan.trace._genealogy import Genealogy
from suyuan.trace._index import Known
from suyuan.trace._names import numbers_of_codes, plant_bases, uris_of
from suyuan.trace._said import Mask, Said, is_named, places_of, read_said, with_containers
from suyuan.trace._stays import FOREVER, LONG_AGO
from suyuan.trace._tally import Flow, Tally, keep_tally
from suyuan.trace._times import microseconds

__all__ = [
    "FIGURES",
    "Account",
    "Figure",
    "MassBalance",
    "fold_account",
    "mass_balance",
    "objects_of_code",
    "open_account",
]

_DIGITS = 12
_WITHIN = 1e-9  # Of the whole: what is less is the error of binary fractions.
_IN = ("opening", "received", "made", "adjusted")
_OUT = ("used", "in_stock", "shipped", "scrapped", "sampled", "returned")
FIGURES = (*_IN, *_OUT)
"""The figures of a balance: what came in, then what became of it."""


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """One figure of a balance, with the numbers of its events in the journal.

    `quantity` is None where it is unknown; `known` is then the sum of what is told, and
    `unknown` counts the entries that have no quantity, or one that does not convert.
    """

    quantity: float | None
    known: float
    unknown: int
    sequences: list[int]


class MassBalance(msgspec.Struct, frozen=True, kw_only=True):
    """What came in of a lot or a product in a period, and what became of it, in one unit.

    `unexplained` is what is missing; less than nothing where more went out than came in.
    """

    uri: str
    product: str | None
    uom: str
    lots: int
    """How many lots there are in it."""
    since: datetime | None
    until: datetime | None
    as_of: datetime | None
    position: int
    opening: Figure
    received: Figure
    made: Figure
    adjusted: Figure
    used: Figure
    in_stock: Figure
    shipped: Figure
    scrapped: Figure
    sampled: Figure
    returned: Figure
    unexplained: float | None
    is_counted: bool
    """Whether a count tells what is in stock; else the books do, and nothing can be missing."""
    expected_loss: float | None
    """The share of what came in that may be lost."""
    is_within_expected_loss: bool | None
    """None where the loss or what is expected is unknown."""


@dataclass(frozen=True)
class Account:
    """What was said of some objects, folded into a tally."""

    said: Said
    tally: Tally
    instances: Entries
    lots: Entries


def open_account(
    connection: Connection,
    tenant_id: int,
    known: Known,
    objects: Ints,
    dimension_of: Ints,
    *,
    is_seen: bool = False,
) -> Account:
    """Read and fold all that is said of some lots and instances.

    With `is_seen` also events that only saw them are read; they change no figure.
    """
    is_asked = is_named(len(known.facts.classes), objects)
    is_around = with_containers(known, is_asked)
    said = read_said(connection, tenant_id, known, is_around, is_seen=is_seen)
    return fold_account(connection, tenant_id, known, said, is_asked, dimension_of)


def fold_account(
    connection: Connection,
    tenant_id: int,
    known: Known,
    said: Said,
    is_asked: Mask,
    dimension_of: Ints,
) -> Account:
    """Fold what is said of the lots and instances that a mask marks."""
    instances, lots = entries_of(known, said, is_asked)
    tally = keep_tally(
        instances,
        lots,
        pairs_of(known.graph, is_asked),
        dimension_of.astype(np.int16),
        measure(PIECE)[0],
        _places(connection, tenant_id, said, lots),
    )
    return Account(said, tally, instances, lots)


def _places(connection: Connection, tenant_id: int, said: Said, lots: Entries) -> Ints:
    """Give the place of every count; 0 of all else, and of what has none."""
    places = np.zeros(len(lots.objects), np.int64)
    rows = np.flatnonzero(lots.kinds == Kind.COUNTED)
    if len(rows):
        sequences = said.sequences[lots.events[rows]]
        position = int(said.sequences.max())
        known, where = places_of(connection, tenant_id, position, sequences)
        at = np.minimum(np.searchsorted(known, sequences), max(len(known) - 1, 0))
        if len(known):
            places[rows] = np.where(known[at] == sequences, where[at], 0)
    return places


def mass_balance(
    genealogy: Genealogy,
    code: str,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    uom: str | None = None,
    expected_loss: float | None = None,
    as_of: datetime | None = None,
    not_before: int | None = None,
) -> MassBalance:
    """Tell what came in of a lot or of a product, and what became of it. 物料平衡

    With `since` and `until` the figures are those of a period, both ends included. `uom` is
    the unit to answer in, else that in which a quantity is first told; `expected_loss` the
    share that may be lost, else what is set for the product. Raises InvalidInput for what is
    neither a lot nor a product, and NotFound `trace.object_unknown`.
    """
    _check(since, until, uom, expected_loss)
    with genealogy.database.tenant(genealogy.tenant_id, read_only=True) as connection:
        known = genealogy.known(connection, as_of=as_of, not_before=not_before)
        uri, product, objects = objects_of_code(connection, genealogy.tenant_id, known, code)
        unit = uom or _first_unit(known, objects)
        dimension = np.full(len(known.facts.classes), measure(unit)[0])
        account = open_account(connection, genealogy.tenant_id, known, objects, dimension)
        if expected_loss is None and product is not None:
            expected_loss = expected_loss_of(connection, genealogy.tenant_id, product)
    low = LONG_AGO if since is None else microseconds(since)
    high = FOREVER if until is None else microseconds(until)
    figures = _figures(account, low, high, measure(unit)[1])
    unexplained, is_within = _remainder(figures, expected_loss)
    is_lot = np.isin(account.tally.objects, objects) & account.tally.is_level
    return MassBalance(
        uri=uri,
        product=product,
        uom=unit,
        lots=len(np.unique(account.tally.objects[is_lot & _of_lots(known, account)])),
        since=since,
        until=until,
        as_of=as_of,
        position=known.position,
        **figures,
        unexplained=unexplained,
        is_counted=_is_counted(account, high),
        expected_loss=expected_loss,
        is_within_expected_loss=is_within,
    )


def _check(
    since: datetime | None, until: datetime | None, uom: str | None, expected_loss: float | None
) -> None:
    """Say everything that is wrong with a question."""
    problems = []
    if since is not None and until is not None and since > until:
        problems.append(
            Problem(code="trace.period_wrong", expected=since.isoformat(), found=until.isoformat())
        )
    if expected_loss is not None and not 0 <= expected_loss <= 1:
        problems.append(Problem(code="trace.share_wrong", found=str(expected_loss)))
    if uom is not None:
        try:
            find_unit(uom)
        except InvalidInput as error:
            problems += error.problems
    if problems:
        raise InvalidInput(problems)


def objects_of_code(
    connection: Connection, tenant_id: int, known: Known, code: str
) -> tuple[str, str | None, Ints]:
    """Give the URI of what is asked for, its product, and the numbers of all that belongs to it."""
    identifier = parse(code, plant_bases=plant_bases(connection, tenant_id))
    classes = known.facts.classes
    if identifier.level == "class":
        row = connection.execute(
            "SELECT object_id FROM journal.object WHERE tenant_id = %s AND uri = %s",
            (tenant_id, identifier.canonical),
        ).fetchone()
        number = 0 if row is None else int(row[0])
        objects = np.append(np.flatnonzero(classes == number), number) if number else np.zeros(0)
        if not _is_seen(connection, tenant_id, known, objects.astype(np.int64)):
            raise NotFound(Problem(code="trace.object_unknown", found=identifier.canonical))
        return identifier.canonical, identifier.canonical, objects.astype(np.int64)
    if identifier.level not in ("lot", "unknown"):
        raise InvalidInput(Problem(code="trace.lot_expected", found=identifier.canonical))
    ((uri, number),) = numbers_of_codes(connection, tenant_id, [code], known.position).items()
    instances = pairs_of(known.graph, is_named(len(classes), np.array([number]))).instances
    product = int(classes[number]) if number < len(classes) else 0
    products = uris_of(connection, tenant_id, [product] if product else [])
    return uri, products.get(product), np.append(instances, number)


def _is_seen(connection: Connection, tenant_id: int, known: Known, objects: Ints) -> bool:
    if is_named(len(known.facts.classes), objects)[known.facts.objects].any():
        return True
    row = connection.execute(
        "SELECT EXISTS (SELECT FROM journal.posting WHERE tenant_id = %s "
        "AND object_id = ANY(%s) AND sequences[1] <= %s)",
        (tenant_id, objects.tolist(), known.position),
    ).fetchone()
    return row is not None and bool(row[0])


def _first_unit(known: Known, objects: Ints) -> str:
    """Give the unit in which a quantity of any of these was first told, else the piece."""
    facts = known.facts
    is_asked = is_named(len(facts.classes), objects)
    rows = np.flatnonzero(is_asked[facts.objects] & ~np.isnan(facts.quantities))
    if not len(rows):
        told = objects[known.is_told(objects)]
        return known.unit_of(int(told[0])) if len(told) else PIECE
    times = facts.times[np.searchsorted(facts.starts, rows, "right") - 1]
    return known.unit_of(int(facts.objects[rows[np.argmin(times)]]))


def _of_lots(known: Known, account: Account) -> Mask:
    """Tell which rows of a tally are of lots."""
    is_lot = np.zeros(len(known.facts.classes), bool)
    is_lot[account.said.objects[account.said.roles >= 6]] = True
    result: Mask = is_lot[account.tally.objects]
    return result


def _is_counted(account: Account, high: int) -> bool:
    tally = account.tally
    is_before = account.said.times[tally.events] <= high
    return bool((is_before & (tally.kinds == Kind.COUNTED)).any())


def _figures(account: Account, low: int, high: int, size: float) -> dict[str, Figure]:
    """Give the figures of a period, in a unit of this size."""
    said, tally = account.said, account.tally
    first = int(np.searchsorted(said.times, low, "left"))
    end = int(np.searchsorted(said.times, high, "right"))
    is_in = (tally.events >= first) & (tally.events < end)
    figures = {
        "opening": _level(account, first, size),
        "in_stock": _level(account, end, size),
    }
    for flow in Flow:
        amounts = tally.flows[:, flow]
        rows = np.flatnonzero(is_in & (amounts != 0))
        figures[flow.name.lower()] = _figure(account, rows, amounts[rows], size)
    return figures


def _level(account: Account, end: int, size: float) -> Figure:
    """Give how much there was before the event at this place, with the last event of each."""
    tally = account.tally
    rows = np.flatnonzero((tally.events < end) & tally.is_level)
    # The rows of an object stand together, in order: its last one tells.
    objects = tally.objects[rows]
    is_last = np.ones(len(rows), bool)
    is_last[:-1] = objects[1:] != objects[:-1]
    rows = rows[is_last]
    levels = np.maximum(tally.levels[rows], 0.0)  # Not-a-number stays.
    is_some = levels != 0
    return _figure(account, rows[is_some], levels[is_some], size)


def _figure(account: Account, rows: Ints, amounts: Floats, size: float) -> Figure:
    unknown = int(np.isnan(amounts).sum())
    known = _rounded(math.fsum(amounts[~np.isnan(amounts)].tolist()) / size)
    return Figure(
        quantity=None if unknown else known,
        known=known,
        unknown=unknown,
        sequences=np.unique(account.said.sequences[account.tally.events[rows]]).tolist(),
    )


def _rounded(number: float) -> float:
    """Cut off what is but the error of binary fractions."""
    return float(f"{number:.{_DIGITS}g}") + 0.0


def _remainder(
    figures: dict[str, Figure], expected_loss: float | None
) -> tuple[float | None, bool | None]:
    """Give what is unexplained, and whether so much may be lost."""
    quantities = {name: figure.quantity for name, figure in figures.items()}
    if any(quantity is None for quantity in quantities.values()):
        return None, None
    came = math.fsum(quantities[name] or 0.0 for name in _IN)
    rest = math.fsum((came, *(-(quantities[name] or 0.0) for name in _OUT)))
    whole = max(abs(came), max(abs(quantities[name] or 0.0) for name in _OUT))
    rest = 0.0 if abs(rest) <= _WITHIN * whole else _rounded(rest)
    if expected_loss is None:
        return rest, None
    return rest, -_WITHIN * whole <= rest <= expected_loss * came + _WITHIN * whole
