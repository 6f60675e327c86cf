"""What the record says of some objects: their events in order, with the words that count. 所述

The genealogy keeps of a business step only what moves goods along. What else takes goods away
or counts them (sampling, stock taking, dispensing, a shipment that was voided) and whether
goods are on their way back is read here, from the journal, for the objects that are asked for.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

import numpy as np
import numpy.typing as npt
from psycopg import sql

from suyuan.event import BUSINESS_STEP, DISPOSITION, EventType, Role
from suyuan.store import Connection
from suyuan.trace._columns import Ints
from suyuan.trace._facts import PIECE, Facts, Step, measure
from suyuan.trace._index import Known
from suyuan.trace._load import read_columns
from suyuan.trace._stays import LONG_AGO
from suyuan.trace._times import microseconds

__all__ = [
    "EPOCH_2000_US",
    "WORDS",
    "Mask",
    "Said",
    "Word",
    "destinations_of",
    "in_events",
    "is_named",
    "latest_time",
    "named_in",
    "of_events",
    "places_of",
    "read_said",
    "receiving_places",
    "record_times",
    "with_containers",
]

_FEW = 20_000  # So many objects are looked up one by one; of more, all of the journal is read.
EPOCH_2000_US = 946_684_800_000_000

Mask = npt.NDArray[np.bool_]


class Word(IntEnum):
    """The business steps that tell what became of goods; the first ones are those of `Step`."""

    NONE = 0
    RECEIVING = 1
    SHIPPING = 2
    RETAIL_SELLING = 3
    DESTROYING = 4
    DISPENSING = 5
    SAMPLING = 6
    COUNTING = 7  # Both stock taking and cycle counting.
    VOID_SHIPPING = 8
    DEPARTING = 9  # Departing and consigning: CBV's finer words for shipping.
    ARRIVING = 10
    UNDER_WAY = 11  # Loading, transporting, collecting: it is leaving, or has left.


assert all(int(Word[step.name]) == int(step) for step in Step)
_WORDS = {
    "dispensing": Word.DISPENSING,
    "sampling": Word.SAMPLING,
    "stock_taking": Word.COUNTING,
    "cycle_counting": Word.COUNTING,
    "void_shipping": Word.VOID_SHIPPING,
    "departing": Word.DEPARTING,
    "consigning": Word.DEPARTING,
    "arriving": Word.ARRIVING,
}
_WAYS = dict.fromkeys(("loading", "transporting", "collecting"), Word.UNDER_WAY)
WORDS = _WORDS | _WAYS
"""What the steps mean that the facts do not tell, by their words in CBV."""

_EVENTS = sql.SQL("""
    SELECT sequence, event_time, event_type, action, (CASE business_step {cases} ELSE 0 END)::int2,
           (coalesce(disposition, '') = {returned})::int::int2
    FROM journal.event
    WHERE tenant_id = {tenant} AND sequence <= {position} AND NOT is_error_declaration
      AND {chosen} {among}
      AND NOT EXISTS (
          SELECT FROM journal.event AS declaration
          WHERE declaration.tenant_id = {tenant} AND declaration.is_error_declaration
            AND declaration.sequence <= {position} AND declaration.event_id = event.event_id)
""")
_CHOSEN = sql.SQL("(business_step IN ({steps}) OR disposition = {returned})")
_SEEN = sql.SQL("(business_step IN ({steps}) OR disposition = {returned} OR event_type = 1)")
_AMONG = sql.SQL("""
      AND sequence IN (SELECT unnest(sequences) FROM journal.posting
                       WHERE tenant_id = {tenant} AND first_sequence <= {position}
                         AND object_id = ANY({objects}) AND role <= {last_role})
""")
# Of a few events the commits are looked up in which they were recorded.
_COMMITS = sql.SQL("""
      said.sequence = ANY({sequences}) AND first_sequence IN (
          SELECT (SELECT max(first_sequence) FROM journal.posting
                  WHERE tenant_id = {tenant} AND first_sequence <= one)
          FROM unnest({sequences}) AS one)
""")
_MENTIONS = sql.SQL("""
    SELECT said.sequence, object_id, role, coalesce(said.quantity::float8, 'NaN'::float8),
           rpad(coalesce(said.uom, ''), 3)
    FROM journal.posting, unnest(sequences, quantities, uoms) AS said (sequence, quantity, uom)
    WHERE tenant_id = {tenant} AND role IN ({epc}, {quantity}) {among}
""")
_PLACES = sql.SQL("""
    SELECT said.sequence, object_id, role
    FROM journal.posting, unnest(sequences) AS said (sequence)
    WHERE tenant_id = {tenant} AND role IN ({roles}) {among}
""")
_NAMED = sql.SQL("""
    SELECT said.sequence, object_id, (CASE word {cases} ELSE 0 END)::int2
    FROM journal.posting, unnest(sequences) AS said (sequence)
    WHERE tenant_id = {tenant} AND role = {role} {among}
""")
_RECORDED = sql.SQL("""
    SELECT sequence, record_time FROM journal.event WHERE tenant_id = {tenant} AND {which}
""")
_LATEST = """
    SELECT event_time FROM journal.event
    WHERE tenant_id = %(tenant)s AND sequence <= %(position)s AND NOT is_error_declaration
      AND NOT EXISTS (
          SELECT FROM journal.event AS declaration
          WHERE declaration.tenant_id = %(tenant)s AND declaration.is_error_declaration
            AND declaration.sequence <= %(position)s AND declaration.event_id = event.event_id)
    ORDER BY event_time DESC LIMIT 1
"""
_RECEIVING = """
    SELECT uri FROM journal.object AS place
    WHERE tenant_id = %(tenant)s AND uri = ANY(%(places)s) AND EXISTS (
        SELECT FROM journal.posting, unnest(sequences) AS said (sequence)
        JOIN journal.event AS event
          ON event.tenant_id = %(tenant)s AND event.sequence = said.sequence
        WHERE posting.tenant_id = %(tenant)s AND object_id = place.object_id
          AND first_sequence <= %(position)s AND role = ANY(%(roles)s::smallint[])
          AND event.business_step = %(receiving)s AND event.event_type <> %(transaction)s
          AND NOT event.is_error_declaration AND NOT EXISTS (
              SELECT FROM journal.event AS declaration
              WHERE declaration.tenant_id = %(tenant)s AND declaration.is_error_declaration
                AND declaration.sequence <= %(position)s
                AND declaration.event_id = event.event_id))
"""
_ORDERED = sql.SQL("""
    SELECT sequence FROM journal.event WHERE tenant_id = {tenant} AND sequence = ANY({sequences})
    ORDER BY event_time, event_id COLLATE "C"
""")
_EVENT = (
    *(("sequence", ">i8"), ("time", ">i8"), ("type", ">i2"), ("action", ">i2")),
    *(("word", ">i2"), ("returned", ">i2")),
)
_DETAIL = (
    *(("sequence", ">i8"), ("object", ">i8"), ("role", ">i2")),
    *(("quantity", ">f8"), ("uom", "S3")),
)
_WORDED = (("sequence", ">i8"), ("object", ">i8"), ("word", ">i2"))
_PLACE = (("sequence", ">i8"), ("object", ">i8"), ("role", ">i2"))


@dataclass(frozen=True)
class Said:
    """Events in the order of time and event ID, and the mentions in them, event by event.

    An event here goes by its place in this order.
    """

    sequences: Ints
    times: Ints
    types: npt.NDArray[np.int8]
    actions: npt.NDArray[np.int8]
    words: npt.NDArray[np.int8]
    is_returned: Mask
    """Whether the goods are on their way back, by the disposition `returned`."""
    event_of: Ints
    roles: npt.NDArray[np.int8]
    objects: Ints
    quantities: npt.NDArray[np.float64]
    dimensions: npt.NDArray[np.int16]
    place_of_fact: Ints
    """By place in the facts: the place here, -1 for events that are not here."""

    @property
    def events(self) -> int:
        """Count the events."""
        return len(self.sequences)

    def of_facts(self, places: npt.NDArray[np.integer[Any]]) -> Ints:
        """Give the places here of events of the facts; -1 stays -1."""
        found: Ints = np.where(places >= 0, self.place_of_fact[places], -1)
        return found


def is_named(count: int, objects: npt.NDArray[np.integer[Any]]) -> Mask:
    """Mark some objects among so many numbers."""
    mask = np.zeros(count, bool)
    mask[objects] = True
    return mask


def with_containers(known: Known, is_asked: Mask) -> Mask:
    """Mark with some objects everything that any of them was ever inside of, however far out."""
    stays = known.graph.stays
    is_here = is_asked.copy()
    while True:
        parents = stays.parents[is_here[stays.children]]
        parents = parents[~is_here[parents]]
        if not len(parents):
            return is_here
        is_here[parents] = True


def read_said(
    connection: Connection,
    tenant_id: int,
    known: Known,
    is_asked: Mask,
    *,
    is_seen: bool = False,
) -> Said:
    """Read what is said of the objects that a mask marks, each event with all its mentions.

    Of events that make no genealogy only those are read whose words count, and of the objects
    asked for; with `is_seen` all in which they were seen.
    """
    facts = known.facts
    reading = _Reading(connection, tenant_id, facts.position, is_asked, is_seen=is_seen)
    event_of = np.repeat(np.arange(facts.events), np.diff(facts.starts))
    is_here = np.zeros(facts.events, bool)
    is_here[event_of[is_asked[facts.objects]]] = True
    chosen = np.flatnonzero(is_here)
    special = reading.special()
    words, is_returned, is_fact = _words_of(facts, chosen, special)
    # What only observes counts where goods leave, come back or are counted by it.
    is_extra = ~is_fact & (is_seen | (special["word"] != Word.NONE))
    extra = special[is_extra & (special["type"] == EventType.OBJECT)]
    mentions = reading.mentions(extra["sequence"])
    extra = extra[np.isin(extra["sequence"], mentions["sequence"])]
    sequences = np.concatenate((facts.sequences[chosen], extra["sequence"]))
    times = np.concatenate((facts.times[chosen], extra["time"] + EPOCH_2000_US))
    order = reading.order(sequences, times)
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    is_said = is_here[event_of]
    place_of_fact = np.full(facts.events + 1, -1, np.int64)
    place_of_fact[chosen] = place[: len(chosen)]
    return _put_together(
        facts,
        is_said,
        place_of_fact[event_of[is_said]],
        mentions,
        _placed(extra["sequence"], place[len(chosen) :], mentions["sequence"]),
        sequences=sequences[order],
        times=times[order],
        types=np.concatenate((facts.types[chosen], extra["type"].astype(np.int8)))[order],
        actions=np.concatenate((facts.actions[chosen], extra["action"].astype(np.int8)))[order],
        words=np.concatenate((words, extra["word"].astype(np.int8)))[order],
        is_returned=np.concatenate((is_returned, extra["returned"] == 1))[order],
        place_of_fact=place_of_fact,
    )


def _words_of(
    facts: Facts, chosen: Ints, special: npt.NDArray[np.void]
) -> tuple[npt.NDArray[np.int8], Mask, Mask]:
    """Give word and way back of events of the facts, and which of the special ones are these."""
    by_sequence = np.argsort(facts.sequences[chosen])
    in_order = facts.sequences[chosen][by_sequence]
    found = np.searchsorted(in_order, special["sequence"])
    is_fact = np.isin(special["sequence"], in_order)
    words = facts.steps[chosen].astype(np.int8)
    is_returned = np.zeros(len(chosen), bool)
    rows, here = by_sequence[found[is_fact]], special[is_fact]
    words[rows] = np.where(here["word"] != Word.NONE, here["word"], words[rows])
    is_returned[rows] = here["returned"] == 1
    return words, is_returned, is_fact


def _placed(sequences: Ints, places: Ints, wanted: Ints) -> Ints:
    order = np.argsort(sequences)
    found: Ints = places[order][np.searchsorted(sequences[order], wanted)]
    return found


def _put_together(
    facts: Facts,
    is_said: Mask,
    event_of: Ints,
    mentions: npt.NDArray[np.void],
    event_of_mentions: Ints,
    **events: npt.NDArray[np.generic],
) -> Said:
    measures = [measure(uom.decode().strip() or PIECE) for uom in mentions["uom"]]
    factors = np.array([size for _, size in measures], np.float64)
    dimensions = np.array([dimension for dimension, _ in measures], np.int16)
    every = np.concatenate((event_of, event_of_mentions))
    roles = np.concatenate((facts.roles[is_said], mentions["role"].astype(np.int8)))
    order = np.lexsort((roles, every))
    quantities = np.concatenate((facts.quantities[is_said], mentions["quantity"] * factors))
    return Said(
        **events,  # type: ignore[arg-type]
        event_of=every[order],
        roles=roles[order],
        objects=np.concatenate((facts.objects[is_said].astype(np.int64), mentions["object"]))[
            order
        ],
        quantities=quantities[order],
        dimensions=np.concatenate((facts.dimensions[is_said], dimensions))[order],
    )


class _Reading:
    """Reads what the facts do not hold, for the objects that a mask marks."""

    def __init__(
        self,
        connection: Connection,
        tenant_id: int,
        position: int,
        is_asked: Mask,
        *,
        is_seen: bool = False,
    ) -> None:
        self._connection, self._tenant_id, self._position = connection, tenant_id, position
        self._chosen = _SEEN if is_seen else _CHOSEN
        objects = np.flatnonzero(is_asked)
        self._few = objects.tolist() if len(objects) <= _FEW else None
        words = WORDS if is_seen else _WORDS
        spelled = {BUSINESS_STEP.spellings[text]: word for text, word in words.items()}
        cases = [
            sql.SQL("WHEN {} THEN {}").format(sql.Literal(uri), sql.Literal(int(word)))
            for uri, word in spelled.items()
        ]
        self._values: dict[str, sql.Composable] = {
            "tenant": sql.Literal(tenant_id),
            "position": sql.Literal(position),
            "returned": sql.Literal(DISPOSITION.spellings["returned"]),
            "last_role": sql.Literal(int(Role.OUTPUT_QUANTITY)),
            "epc": sql.Literal(int(Role.EPC)),
            "quantity": sql.Literal(int(Role.QUANTITY)),
            "cases": sql.SQL(" ").join(cases),
            "steps": sql.SQL(", ").join([sql.Literal(uri) for uri in spelled]),
            "objects": _array(self._few or []),
        }

    def special(self) -> npt.NDArray[np.void]:
        """Give the events whose words count and are not among the steps of the facts."""
        among = sql.SQL("") if self._few is None else _AMONG.format(**self._values)
        chosen = self._chosen.format(**self._values)
        question = _EVENTS.format(among=among, chosen=chosen, **self._values)
        return read_columns(self._connection, question, _EVENT)

    def mentions(self, sequences: Ints) -> npt.NDArray[np.void]:
        """Give what some events name, of the objects asked for."""
        among = self._in(sequences)
        if self._few is not None:
            among += sql.SQL(" AND object_id = ANY({objects})").format(**self._values)
        question = _MENTIONS.format(among=among, **self._values)
        return of_events(read_columns(self._connection, question, _DETAIL), sequences)

    def order(self, sequences: Ints, times: Ints) -> Ints:
        """Give the order of events by time and event ID."""
        order = np.argsort(times, kind="stable")
        is_tied = np.zeros(len(order), bool)
        is_tied[1:] = times[order][1:] == times[order][:-1]
        is_tied[:-1] |= is_tied[1:]
        tied = order[is_tied]
        if not len(tied):
            return order
        question = _ORDERED.format(sequences=_array(sequences[tied].tolist()), **self._values)
        said = read_columns(self._connection, question, (("sequence", ">i8"),))["sequence"]
        by_id = np.zeros(len(order), np.int64)
        by_id[tied] = _placed(said, np.arange(len(said)), sequences[tied])
        return np.lexsort((by_id, times))

    def named(self, sequences: Ints, *roles: Role) -> npt.NDArray[np.void]:
        """Give what stands in some roles of events: sequence, object, role."""
        question = _PLACES.format(
            among=self._in(sequences),
            roles=sql.SQL(", ").join([sql.Literal(int(role)) for role in roles]),
            **self._values,
        )
        return of_events(read_columns(self._connection, question, _PLACE), sequences)

    def worded(self, sequences: Ints, role: Role, words: Sequence[str]) -> npt.NDArray[np.void]:
        """Give what stands in a role of events: sequence, object, and as which of some words."""
        cases = [
            sql.SQL("WHEN {} THEN {}").format(sql.Literal(word), sql.Literal(at))
            for at, word in enumerate(words, 1)
        ]
        values = self._values | {"cases": sql.SQL(" ").join(cases), "role": sql.Literal(int(role))}
        question = _NAMED.format(among=self._in(sequences), **values)
        return of_events(read_columns(self._connection, question, _WORDED), sequences)

    def _in(self, sequences: Ints) -> sql.Composable:
        return sql.SQL("AND ") + in_events(self._tenant_id, self._position, sequences)


def in_events(tenant_id: int, position: int, sequences: Ints) -> sql.Composable:
    """Say in SQL which `said.sequence` of postings are asked for: those of some events.

    Of many events it says nothing, and all that there are will be read: `of_events` picks.
    """
    values = {"tenant": sql.Literal(tenant_id), "position": sql.Literal(position)}
    if len(sequences) > _FEW:
        return sql.SQL("first_sequence <= {position}").format(**values)
    return _COMMITS.format(sequences=_array(sequences.tolist()), **values)


def of_events(rows: npt.NDArray[np.void], sequences: Ints) -> npt.NDArray[np.void]:
    """Pick what was asked for out of what was read."""
    return rows[np.isin(rows["sequence"], sequences)] if len(sequences) > _FEW else rows


def places_of(
    connection: Connection, tenant_id: int, position: int, sequences: Ints
) -> tuple[Ints, Ints]:
    """Give events in order, and the number of the place of each.

    That is the business location, else the read point. Events without a place are left out.
    """
    reading = _Reading(connection, tenant_id, position, np.zeros(1, bool))
    rows = reading.named(np.unique(sequences), Role.READ_POINT, Role.BUSINESS_LOCATION)
    rows = rows[np.lexsort((rows["role"], rows["sequence"]))]
    is_last = np.ones(len(rows), bool)
    is_last[:-1] = rows["sequence"][1:] != rows["sequence"][:-1]
    return rows["sequence"][is_last], rows["object"][is_last]


def destinations_of(
    connection: Connection, tenant_id: int, position: int, sequences: Ints
) -> tuple[Ints, Ints]:
    """Give pairs of event and destination."""
    reading = _Reading(connection, tenant_id, position, np.zeros(1, bool))
    rows = reading.named(np.unique(sequences), Role.DESTINATION)
    return rows["sequence"], rows["object"]


def named_in(
    connection: Connection,
    tenant_id: int,
    position: int,
    sequences: Ints,
    role: Role,
    *,
    words: Sequence[str] = (),
) -> npt.NDArray[np.void]:
    """Give what stands in a role of events: `sequence`, `object`, and `word`.

    That is the place, from 1, of its word among `words`, 0 for any other.
    """
    reading = _Reading(connection, tenant_id, position, np.zeros(1, bool))
    return reading.worded(np.unique(sequences), role, words or ("",))


def record_times(connection: Connection, tenant_id: int, position: int, sequences: Ints) -> Ints:
    """Give when events were recorded, in microseconds since 1970."""
    which = "sequence <= {position}" if len(sequences) > _FEW else "sequence = ANY({sequences})"
    values = {"sequences": _array(sequences.tolist()), "position": sql.Literal(position)}
    question = _RECORDED.format(
        tenant=sql.Literal(tenant_id), which=sql.SQL(which).format(**values)
    )
    rows = read_columns(connection, question, (("sequence", ">i8"), ("time", ">i8")))
    return _placed(rows["sequence"], rows["time"] + EPOCH_2000_US, sequences)


def latest_time(connection: Connection, tenant_id: int, position: int) -> int:
    """Give when the last event of the record happened, in microseconds since 1970."""
    values = {"tenant": tenant_id, "position": position}
    row = connection.execute(_LATEST, values).fetchone()
    return LONG_AGO if row is None else microseconds(row[0])


def receiving_places(
    connection: Connection, tenant_id: int, position: int, places: Collection[str]
) -> set[str]:
    """Give those of some places at which the record knows of any receipt."""
    values = {
        "tenant": tenant_id,
        "position": position,
        "places": list(places),
        "receiving": BUSINESS_STEP.spellings["receiving"],
        "transaction": int(EventType.TRANSACTION),
        "roles": [int(Role.READ_POINT), int(Role.BUSINESS_LOCATION), int(Role.DESTINATION)],
    }
    return {str(uri) for (uri,) in connection.execute(_RECEIVING, values)} if places else set()


def _array(numbers: list[int]) -> sql.Composable:
    return sql.SQL("{}::bigint[]").format(sql.Literal(numbers))
