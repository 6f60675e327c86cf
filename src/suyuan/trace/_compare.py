"""What changed between two answers: what came, what went, what is otherwise now. 对比

Two answers to one question, from two positions of the journal: a correction, a late event or
a day's work lies between them. Or two questions, if one wants to know how their answers differ.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from itertools import chain, islice
from typing import Literal, NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt

from suyuan.errors import InvalidInput, Problem
from suyuan.trace._answer import Grade, Trace
from suyuan.trace._columns import Ints
from suyuan.trace._genealogy import Genealogy
from suyuan.trace._names import names_of, uris_of
from suyuan.trace._sheets import Cell, csv_table, in_pieces, xlsx_book
from suyuan.trace._times import moment_of

__all__ = [
    "COMPARISON_FORMATS",
    "Change",
    "Comparison",
    "ComparisonFormat",
    "ComparisonHead",
    "Side",
    "Version",
    "compare",
    "export_comparison",
    "record_time_at",
]

ComparisonFormat = Literal["json", "ndjson", "csv", "xlsx"]
COMPARISON_FORMATS: tuple[ComparisonFormat, ...] = ("json", "ndjson", "csv", "xlsx")
_Kind = Literal["object", "carrier"]
_What = Literal["came", "went", "changed"]
_SAME = 1e-9  # Portions that differ by less, in proportion, are the same.
_COLUMNS = (
    *("kind", "change", "uri", "product", "lot"),
    *("grade_before", "grade_after", "moment_before", "moment_after"),
    *("portion_before", "portion_after", "uom", "carried_before", "carried_after"),
)


class Version(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How one answer has an object, or a carrier."""

    grade: Grade
    moment: datetime | None = None
    portion: float | Literal["unknown"] | None = None
    uom: str | None = None
    carried: int | None = None


class Change(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing that is in one answer and not in the other, or otherwise in it."""

    kind: _Kind
    change: _What
    uri: str
    product: str | None = None
    lot: str | None = None
    before: Version | None = None
    after: Version | None = None


class Side(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One of the two answers."""

    starts: list[str]
    bound: datetime | None
    as_of: datetime | None
    position: int
    objects: int
    certain: int
    carriers: int


class ComparisonHead(msgspec.Struct, frozen=True, kw_only=True):
    """Which answers were compared, and how much changed: counts by kind and change."""

    direction: str
    before: Side
    after: Side
    objects: dict[str, int]
    carriers: dict[str, int]


class _Rows(NamedTuple):
    """What one answer holds, in the order of numbers."""

    numbers: Ints
    moments: Ints
    is_certain: npt.NDArray[np.bool_]
    amounts: npt.NDArray[np.float64]
    """Portions, not-a-number where unknown; infinite where none was asked for."""
    carried: Ints
    lots: Ints


class _Differing(NamedTuple):
    """What differs: numbers, and where each stands in either answer, -1 for nowhere."""

    numbers: Ints
    before: Ints
    after: Ints
    every: int
    """How many there are in either answer."""


@dataclass(frozen=True)
class Comparison:
    """What changed from one answer to another. Counts are at hand; names are read when asked."""

    before: Trace
    after: Trace

    @cached_property
    def head(self) -> ComparisonHead:
        """Tell what was compared, and count what changed."""
        return ComparisonHead(
            direction=self.after.direction,
            before=_side(self.before),
            after=_side(self.after),
            objects=_counts(self._objects),
            carriers=_counts(self._carriers),
        )

    def changes(self) -> Iterator[Change]:
        """Give every object that changed, then every carrier, in flat memory."""
        yield from self._named("object", self._sides[0], self._objects)
        yield from self._named("carrier", self._sides[1], self._carriers)

    @cached_property
    def _sides(self) -> tuple[tuple[_Rows, _Rows], tuple[_Rows, _Rows]]:
        answers = (self.before, self.after)
        objects, carriers = map(_object_rows, answers), map(_carrier_rows, answers)
        return (next(objects), next(objects)), (next(carriers), next(carriers))

    @cached_property
    def _objects(self) -> _Differing:
        return _differing(*self._sides[0])

    @cached_property
    def _carriers(self) -> _Differing:
        return _differing(*self._sides[1])

    def _named(
        self, kind: _Kind, sides: tuple[_Rows, _Rows], found: _Differing
    ) -> Iterator[Change]:
        genealogy = self.after.genealogy
        classes = max((self.before, self.after), key=lambda one: one.position).known.facts.classes
        names: dict[int, str] = {0: ""}
        versions = (_versions(self.before, sides[0]), _versions(self.after, sides[1]))
        done = 0
        with genealogy.database.tenant(genealogy.tenant_id, read_only=True) as connection:
            for numbers, uris in names_of(connection, genealogy.tenant_id, found.numbers):
                rows = slice(done, done + len(numbers))
                done += len(numbers)
                before, after = found.before[rows], found.after[rows]
                products, lots = classes[numbers], _lots(sides, before, after)
                missing = np.unique(np.concatenate((products, lots))).tolist()
                missing = [one for one in missing if one not in names]
                names |= uris_of(connection, genealogy.tenant_id, missing)
                for number, was, now, product, lot in zip(
                    *(numbers.tolist(), before.tolist(), after.tolist()),
                    *(products.tolist(), lots.tolist()),
                    strict=True,
                ):
                    yield Change(
                        kind=kind,
                        change="came" if was < 0 else "went" if now < 0 else "changed",
                        uri=uris[number],
                        product=names[product] or None,
                        lot=names[lot] or None,
                        before=None if was < 0 else versions[0](was, number),
                        after=None if now < 0 else versions[1](now, number),
                    )


def compare(before: Trace, after: Trace) -> Comparison:
    """Compare two answers of one record. 对比

    Raises InvalidInput `trace.directions_differ` where one goes forward and one back.
    """
    assert before.genealogy.tenant_id == after.genealogy.tenant_id, "answers of two records"
    if before.direction != after.direction:
        raise InvalidInput(
            Problem(
                code="trace.directions_differ", expected=before.direction, found=after.direction
            )
        )
    return Comparison(before, after)


def record_time_at(genealogy: Genealogy, position: int) -> datetime:
    """Give the record time of an entry of the journal, for a question as of that position.

    What was recorded in one capture is known together. Raises InvalidInput
    `trace.position_unknown`.
    """
    with genealogy.database.tenant(genealogy.tenant_id, read_only=True) as connection:
        row = connection.execute(
            "SELECT (SELECT record_time FROM journal.event WHERE tenant_id = %(tenant)s "
            "AND sequence = %(position)s), coalesce((SELECT last_sequence FROM journal.head "
            "WHERE tenant_id = %(tenant)s), 0)",
            {"tenant": genealogy.tenant_id, "position": position},
        ).fetchone()
    assert row is not None
    if row[0] is None:
        raise InvalidInput(
            Problem(code="trace.position_unknown", expected=str(row[1]), found=str(position))
        )
    found: datetime = row[0]
    return found


def _side(trace: Trace) -> Side:
    return Side(
        starts=list(trace.starts),
        bound=trace.bound,
        as_of=trace.as_of,
        position=trace.position,
        objects=trace.count,
        certain=trace.certain,
        carriers=len(trace.carriers.objects),
    )


def _object_rows(trace: Trace) -> _Rows:
    reach = trace.reach
    amounts = np.full(len(reach.objects), math.inf)
    weights = trace.weights
    if weights is not None:
        amounts[:] = [weights.get(one, (math.nan, ""))[0] for one in reach.objects.tolist()]
    nobody = np.zeros(len(reach.objects), np.int64)
    return _Rows(reach.objects, reach.moments, reach.is_certain, amounts, nobody, trace.lots)


def _carrier_rows(trace: Trace) -> _Rows:
    found = trace.carriers
    pairs = np.unique(
        np.stack((found.held.things, found.held.askers), axis=1).reshape(-1, 2), axis=0
    )
    size = int(found.objects.max(initial=0)) + 1
    carried = np.bincount(pairs[:, 0], minlength=size)[found.objects]
    nothing = np.full(len(found.objects), math.inf)
    lots = np.zeros(len(found.objects), np.int64)
    return _Rows(found.objects, found.moments, found.is_certain, nothing, carried, lots)


def _differing(before: _Rows, after: _Rows) -> _Differing:
    every = np.union1d(before.numbers, after.numbers)
    was, now = _places(before.numbers, every), _places(after.numbers, every)
    is_both = (was >= 0) & (now >= 0)
    one, other = was[is_both], now[is_both]
    is_same = before.moments[one] == after.moments[other]
    is_same &= before.is_certain[one] == after.is_certain[other]
    is_same &= before.carried[one] == after.carried[other]
    amounts = before.amounts[one], after.amounts[other]
    is_same &= np.isclose(*amounts, rtol=_SAME, atol=0, equal_nan=True)
    differs = np.ones(len(every), bool)
    differs[is_both] = ~is_same
    return _Differing(every[differs], was[differs], now[differs], len(every))


def _places(numbers: Ints, wanted: Ints) -> Ints:
    place = np.searchsorted(numbers, wanted)
    is_there = place < len(numbers)
    is_there[is_there] = numbers[place[is_there]] == wanted[is_there]
    return np.where(is_there, place, -1)


def _lots(sides: tuple[_Rows, _Rows], before: Ints, after: Ints) -> Ints:
    lots = np.zeros(len(before), np.int64)
    for rows, places in zip(sides, (before, after), strict=True):
        lots[places >= 0] = rows.lots[places[places >= 0]]
    return lots


def _counts(found: _Differing) -> dict[str, int]:
    came, went = int((found.before < 0).sum()), int((found.after < 0).sum())
    changed = len(found.numbers) - came - went
    unchanged = found.every - len(found.numbers)
    return {"came": came, "went": went, "changed": changed, "unchanged": unchanged}


def _versions(trace: Trace, rows: _Rows) -> Callable[[int, int], Version]:
    """Give how an answer has what stands at a place in it, and has a number."""
    weights = trace.weights or {}

    def version(place: int, number: int) -> Version:
        amount = float(rows.amounts[place])
        is_weighed = amount != math.inf
        return Version(
            grade="certain" if rows.is_certain[place] else "possible",
            moment=moment_of(int(rows.moments[place])),
            portion=("unknown" if math.isnan(amount) else amount) if is_weighed else None,
            uom=weights[number][1] if is_weighed and number in weights else None,
            carried=int(rows.carried[place]) or None,
        )

    return version


def export_comparison(
    found: Comparison, form: ComparisonFormat, *, limit: int | None = None
) -> Iterator[bytes]:
    """Give a comparison in a format, piece by piece; in JSON no more than so many changes."""
    head = msgspec.json.encode(found.head)
    match form:
        case "json":
            return in_pieces(_json(head, islice(found.changes(), limit)))
        case "ndjson":
            lines = (b'{"kind":"head",' + head[1:] + b"\n",)
            rest = (msgspec.json.encode(one) + b"\n" for one in found.changes())
            return in_pieces(chain(lines, rest))
        case "csv":
            return in_pieces(csv_table(_COLUMNS, map(_cells, found.changes())))
        case "xlsx":
            fields = msgspec.structs.asdict(found.head)
            return in_pieces(xlsx_book("compare", fields, _COLUMNS, map(_cells, found.changes())))


def _json(head: bytes, changes: Iterable[Change]) -> Iterator[bytes]:
    yield head[:-1] + b',"changes":['
    for number, row in enumerate(changes):
        yield (b"," if number else b"") + msgspec.json.encode(row)
    yield b"]}\n"


def _cells(row: Change) -> tuple[Cell, ...]:
    grade, moment, portion, uom, carried = _version_cells(row.before)
    new_grade, new_moment, new_portion, new_uom, new_carried = _version_cells(row.after)
    return (
        *(row.kind, row.change, row.uri, row.product, row.lot),
        *(grade, new_grade, moment, new_moment, portion, new_portion),
        *(new_uom or uom, carried, new_carried),
    )


def _version_cells(version: Version | None) -> tuple[Cell, ...]:
    if version is None:
        return (None,) * 5
    return version.grade, version.moment, version.portion, version.uom, version.carried
