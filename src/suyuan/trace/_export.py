"""Answers in the formats that people and other programs take. 导出

Each format is a stream of bytes with flat memory, so that an answer with a million objects
goes out as it is read, and stops when nobody takes it any more.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime, tzinfo
from itertools import chain, islice
from typing import Literal, NamedTuple, TypeVar
from xml.sax.saxutils import quoteattr

import msgspec
import numpy as np

from suyuan.errors import Language
from suyuan.journal import read_events, stored_json
from suyuan.trace._answer import Carrier, Link, ProductCount, Trace, TracedObject
from suyuan.trace._counts import DayCount, LotCount, count_days, count_lots
from suyuan.trace._gaps import Gap
from suyuan.trace._sheets import Cell, csv_table, in_pieces, xlsx_book
from suyuan.trace._sieve import page_of
from suyuan.trace._summary import PartyCount, PlaceCount

__all__ = ["FORMATS", "MEDIA_TYPES", "Format", "Head", "Page", "export_trace", "head_of"]

Format = Literal["json", "ndjson", "csv", "xlsx", "graphml", "epcis"]
MEDIA_TYPES: dict[Format, str] = {
    "json": "application/json",
    "ndjson": "application/x-ndjson",
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "graphml": "application/graphml+xml",
    "epcis": "application/ld+json",
}
FORMATS = tuple(MEDIA_TYPES)
_WITHOUT_GAPS = ("graphml", "epcis")  # There is no place for them.

_EVENTS_AT_ONCE = 500
_ROWS_AT_ONCE = 500
_COLUMNS = ("kind", "uri", "grade", "moment", "product", "lot", "portion", "uom", "carried")
_DETAIL_COLUMNS = (
    *("first_time", "last_time", "quantity", "quantity_uom", "place", "holder", "hold"),
)
_GAP_COLUMNS = (
    *("gap", "gap_name", "gap_sequence", "gap_place", "gap_quantity", "gap_uom", "gap_hours"),
    *("expected", "found"),
)
_CONTEXT = "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"

_encode = msgspec.json.Encoder().encode
_Row = TypeVar("_Row")


class Page(NamedTuple):
    """A part of a list that a person reads: from where on, and how much at most."""

    offset: int
    limit: int

    def of(self, rows: Sequence[_Row]) -> list[_Row]:
        """Cut the page out of all rows."""
        return list(rows[self.offset : self.offset + self.limit])


class Head(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What an answer is about, and how much there is of it.

    Places and parties, lots and days are told where they were asked for.
    """

    direction: str
    starts: list[str]
    bound: datetime | None
    """`since` forward, `until` back."""
    as_of: datetime | None
    position: int
    complete: bool
    objects: int
    certain: int
    carriers: int
    gaps: int | None = None
    """How many gaps the record has that the answer rests on, where they were asked for."""
    seconds: float
    products: list[ProductCount]
    balance: dict[str, float | str] | None = None
    """Where all of the start is, in its unit `uom`, where portions were asked for."""
    places: list[PlaceCount] | None = None
    parties: list[PartyCount] | None = None
    lots: list[LotCount] | None = None
    lot_count: int | None = None
    """How many lots there are, where a page of them was asked for."""
    days: list[DayCount] | None = None


def head_of(
    trace: Trace,
    *,
    by_place: bool = False,
    by_lot: bool = False,
    by_day: bool = False,
    gaps: Sequence[Gap] | None = None,
    zone: tzinfo = UTC,
    page: Page | None = None,
) -> Head:
    """Give the head of an answer, counted in the ways that are asked for; `gaps` are its gaps.

    Days are those of a time zone; of the lots there is one page where a page is asked for.
    """
    lots = count_lots(trace) if by_lot else None
    return Head(
        direction=trace.direction,
        starts=list(trace.starts),
        bound=trace.bound,
        as_of=trace.as_of,
        position=trace.position,
        complete=trace.is_complete,
        objects=trace.count,
        certain=trace.certain,
        carriers=len(trace.carriers.objects),
        gaps=None if gaps is None else len(gaps),
        seconds=round(trace.seconds, 6),
        products=trace.products(),
        balance=_balance(trace),
        places=trace.places() if by_place else None,
        parties=trace.parties() if by_place else None,
        lots=lots if page is None or lots is None else page.of(lots),
        lot_count=None if page is None or lots is None else len(lots),
        days=count_days(trace, zone) if by_day else None,
    )


def _balance(trace: Trace) -> dict[str, float | str] | None:
    if trace.portions is None:
        return None
    told: dict[str, float | str] = {
        name: "unknown" if math.isnan(amount) else amount
        for name, amount in trace.portions.balance._asdict().items()
    }
    return told | {"uom": trace.portions.uom}


def export_trace(
    trace: Trace,
    form: Format,
    *,
    by_place: bool = False,
    by_lot: bool = False,
    by_day: bool = False,
    details: bool = False,
    gaps: bool = False,
    language: Language = "en",
    zone: tzinfo = UTC,
    page: Page | None = None,
) -> Iterator[bytes]:
    """Give an answer in a format, piece by piece; where it has a head, as `head_of` gives it.

    With `details` each object is told with its times, quantity, whereabouts and hold; with
    `gaps` where the record is not whole that the answer rests on, in words of a language.
    With `page`, JSON lists that page of the objects, with their details, and no carriers and
    no links; other formats always have everything.
    """
    writers: dict[Format, Callable[[_Asked], Iterator[bytes]]] = {
        "json": _json,
        "ndjson": _ndjson,
        "csv": _csv,
        "xlsx": _xlsx,
        "graphml": _graphml,
        "epcis": _epcis,
    }
    with trace.kept_open():
        found = trace.gaps(language) if gaps and form not in _WITHOUT_GAPS else None
        shown = page if form == "json" else None
        head = head_of(
            trace,
            by_place=by_place,
            by_lot=by_lot,
            by_day=by_day,
            gaps=found,
            zone=zone,
            page=shown,
        )
        yield from in_pieces(writers[form](_Asked(trace, head, details, found, shown)))


class _Asked(NamedTuple):
    """What is to be written."""

    trace: Trace
    head: Head
    has_details: bool
    gaps: list[Gap] | None
    page: Page | None

    def objects(self) -> Iterator[TracedObject]:
        return self.trace.objects(details=self.has_details)


def _json(asked: _Asked) -> Iterator[bytes]:
    yield _encode(asked.head)[:-1]
    lists: list[tuple[str, Iterable[msgspec.Struct]]]
    if asked.page is not None:
        lists = [("object_list", page_of(asked.trace, *asked.page))]
    else:
        lists = [
            ("object_list", asked.objects()),
            ("carrier_list", asked.trace.carrier_list()),
            ("links", asked.trace.links()),
        ]
    if asked.gaps is not None:
        lists.append(("gap_list", asked.gaps))
    for name, rows in lists:
        yield b',"%s":[' % name.encode()
        for number, some in enumerate(_by_batches(rows)):
            yield (b"," if number else b"") + _encode(some)[1:-1]
        yield b"]"
    yield b"}\n"


def _by_batches(rows: Iterable[msgspec.Struct]) -> Iterator[list[msgspec.Struct]]:
    following = iter(rows)
    while some := list(islice(following, _ROWS_AT_ONCE)):
        yield some


def _ndjson(asked: _Asked) -> Iterator[bytes]:
    yield b'{"kind":"head",' + _encode(asked.head)[1:] + b"\n"
    for kind, row in chain(_rows(asked), (("link", link) for link in asked.trace.links())):
        yield b'{"kind":"%s",' % kind.encode() + _encode(row)[1:] + b"\n"
    for gap in asked.gaps or ():  # A gap has a kind of its own.
        yield b'{"kind":"gap","gap":%s}\n' % _encode(gap)


def _rows(asked: _Asked) -> Iterator[tuple[str, TracedObject | Carrier]]:
    yield from (("object", one) for one in asked.objects())
    yield from (("carrier", one) for one in asked.trace.carrier_list())


def _columns(asked: _Asked) -> tuple[str, ...]:
    return _COLUMNS + (_DETAIL_COLUMNS if asked.has_details else ())


def _table(asked: _Asked) -> Iterator[tuple[Cell, ...]]:
    for kind, row in _rows(asked):
        cells: tuple[Cell, ...] = (kind, row.uri, row.grade, row.moment)
        if isinstance(row, Carrier):
            yield *cells, None, None, None, None, row.carried
            continue
        cells += (row.product, row.lot, row.portion, row.uom, None)
        if asked.has_details:
            cells += (row.first_time, row.last_time, row.quantity, row.quantity_uom)
            cells += (row.place, row.holder, " ".join(row.hold))
        yield cells


def _gap_table(gaps: list[Gap]) -> Iterator[tuple[Cell, ...]]:
    """Give a row for each object of each gap: what, when, and the columns of gaps."""
    for gap in gaps:
        last = gap.events[-1]
        for uri in gap.objects:
            yield (
                *(uri, last.event_time, gap.kind, gap.name, last.sequence, gap.place),
                *(gap.quantity, gap.uom, gap.hours, gap.expected, gap.found),
            )


def _csv(asked: _Asked) -> Iterator[bytes]:
    """Write one table: rows of gaps have columns of their own, after all others."""
    if asked.gaps is None:
        return csv_table(_columns(asked), _table(asked))
    columns = _columns(asked)
    nothing: tuple[Cell, ...] = (None,) * len(_GAP_COLUMNS)
    rest: tuple[Cell, ...] = (None,) * (len(columns) - 4)
    return csv_table(
        columns + _GAP_COLUMNS,
        chain(
            ((*cells, *nothing) for cells in _table(asked)),
            (("gap", uri, None, when, *rest, *told) for uri, when, *told in _gap_table(asked.gaps)),
        ),
    )


def _xlsx(asked: _Asked) -> Iterator[bytes]:
    fields = msgspec.structs.asdict(asked.head)
    others = {"gaps": (("uri", "moment", *_GAP_COLUMNS), _gap_table(asked.gaps or []))}
    return xlsx_book("trace", fields, _columns(asked), _table(asked), others=others)


_GRAPHML = """<?xml version="1.0" encoding="UTF-8"?>
<graphml xmlns="http://graphml.graphdrawing.org/xmlns">
<key id="kind" for="node" attr.name="kind" attr.type="string"/>
<key id="grade" for="node" attr.name="grade" attr.type="string"/>
<key id="moment" for="node" attr.name="moment" attr.type="string"/>
<key id="sequence" for="edge" attr.name="sequence" attr.type="long"/>
<key id="event_time" for="edge" attr.name="event_time" attr.type="string"/>
<graph id="trace" edgedefault="directed">
"""


def _graphml(asked: _Asked) -> Iterator[bytes]:
    """Write objects and transformations as nodes, what went in and came out as edges."""
    trace = asked.trace
    yield _GRAPHML.encode()
    for uri in trace.starts:
        yield _node(uri, "start", "certain", None)
    starts = set(trace.starts)
    for kind, row in _rows(asked):
        if row.uri not in starts:
            yield _node(row.uri, kind, row.grade, row.moment)
    seen: set[int] = set()
    for link in trace.links():
        name = f"transformation:{link.transformation}"
        if link.transformation not in seen:
            seen.add(link.transformation)
            yield _node(name, "transformation", "", None)
        yield _edge(link, name)
    yield b"</graph>\n</graphml>\n"


def _node(name: str, kind: str, grade: str, moment: datetime | None) -> bytes:
    when = "" if moment is None else f'<data key="moment">{moment.isoformat()}</data>'
    told = f'<data key="grade">{grade}</data>' if grade else ""
    return (
        f'<node id={quoteattr(name)}><data key="kind">{kind}</data>{told}{when}</node>\n'.encode()
    )


def _edge(link: Link, transformation: str) -> bytes:
    ends = (link.object, transformation) if link.into else (transformation, link.object)
    return (
        f"<edge source={quoteattr(ends[0])} target={quoteattr(ends[1])}>"
        f'<data key="sequence">{link.sequence}</data>'
        f'<data key="event_time">{link.event_time.isoformat()}</data></edge>\n'
    ).encode()


def _epcis(asked: _Asked) -> Iterator[bytes]:
    """Write an EPCIS document of all events that the answer rests on."""
    trace = asked.trace
    sequences = trace.sequences()
    moment = datetime.now(UTC).isoformat().replace("+00:00", "Z")
    yield (
        f'{{"@context":["{_CONTEXT}"],"type":"EPCISDocument","schemaVersion":"2.0",'
        f'"creationDate":"{moment}","epcisBody":{{"eventList":['
    ).encode()
    first = True
    genealogy = trace.genealogy
    for start in range(0, len(sequences), _EVENTS_AT_ONCE):
        some = np.asarray(sequences[start : start + _EVENTS_AT_ONCE]).tolist()
        for event in read_events(genealogy.database, genealogy.tenant_id, some):
            yield (b"" if first else b",") + stored_json(event)
            first = False
    yield b"]}}\n"
