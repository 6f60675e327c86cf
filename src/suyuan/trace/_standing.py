"""Where many objects stand now: at which stage, place and party, and inside which container. 去向

For each object it is looked at its own events and at those of its containers while it was
inside, in the order of time and event ID; columns, not rows, so that a recall of a hundred
thousand units is answered while somebody waits.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from psycopg import sql

from suyuan.event import BUSINESS_STEP, DISPOSITION, SOURCE_DESTINATION_TYPE, EventType, Role
from suyuan.store import Connection
from suyuan.trace._columns import Ints
from suyuan.trace._containers import Held, outsides
from suyuan.trace._index import Known
from suyuan.trace._load import read_columns
from suyuan.trace._places import ON_ITS_WAY
from suyuan.trace._said import named_in, places_of
from suyuan.trace._stays import FOREVER, LONG_AGO

__all__ = [
    "STAGES",
    "Latest",
    "Rows",
    "Sent",
    "Stage",
    "Standing",
    "by_rank",
    "read_rows",
    "recipients_of",
    "stages_of",
    "stand_now",
]

_AT_ONCE = 50_000
_EPOCH_2000_US = 946_684_800_000_000


class Stage(IntEnum):
    """How far an object has come, as what happened to it last says."""

    ON_SITE = 0
    """It was never shipped."""
    ON_THE_WAY = 1
    """It was shipped, and nothing tells yet that it has arrived."""
    DELIVERED = 2
    """It was shipped, and was seen after."""
    SOLD = 3
    USED = 4
    """It went into something else."""
    DESTROYED = 5


STAGES = tuple(stage.name.lower() for stage in Stage)
# What an event says of the stage. Seen is on site before the first shipment, delivered after.
_NOTHING, _SENT, _SEEN, _SOLD, _USED, _GONE = range(6)
_FINAL = {_SENT: Stage.ON_THE_WAY, _SOLD: Stage.SOLD, _USED: Stage.USED, _GONE: Stage.DESTROYED}

_ROWS = sql.SQL("""
    SELECT object_id, unnest(sequences), role FROM journal.posting
    WHERE tenant_id = {tenant} AND object_id = ANY({objects}::bigint[]) AND role <= {last_role}
      AND first_sequence <= {position}
""")
_ROW = (("object", ">i8"), ("sequence", ">i8"), ("role", ">i2"))
_EVENTS = sql.SQL("""
    SELECT sequence, event_time,
           (CASE WHEN disposition IN ({gone_for_good}) THEN {gone}
                 WHEN event_type = {transaction} THEN {nothing}
                 {cases} ELSE {seen} END)::int2,
           (disposition IS NOT NULL)::int::int2
    FROM journal.event AS event
    WHERE tenant_id = {tenant} AND sequence = ANY({sequences}::bigint[])
      AND sequence <= {position} AND NOT is_error_declaration
      AND NOT EXISTS (SELECT FROM journal.event AS declaration
                      WHERE declaration.tenant_id = {tenant} AND declaration.is_error_declaration
                        AND declaration.sequence <= {position}
                        AND declaration.event_id = event.event_id)
    ORDER BY event_time, event_id COLLATE "C"
""")
_EVENT = (("sequence", ">i8"), ("time", ">i8"), ("says", ">i2"), ("in_words", ">i2"))
_SAYS = {
    BUSINESS_STEP.spellings["shipping"]: _SENT,
    BUSINESS_STEP.spellings["retail_selling"]: _SOLD,
    BUSINESS_STEP.spellings["destroying"]: _GONE,
    BUSINESS_STEP.spellings["decommissioning"]: _GONE,
} | dict.fromkeys(ON_ITS_WAY, _NOTHING)
_GONE_FOR_GOOD = [DISPOSITION.spellings[word] for word in ("destroyed", "disposed")]
# Of several that an event names as destination, whoever has the goods says most.
_RECIPIENTS = [
    SOURCE_DESTINATION_TYPE.spellings[word]
    for word in ("possessing_party", "owning_party", "location")
]

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Standing:
    """Beside each object asked for: its stage, the numbers of its place and its recipient.

    0 where nothing tells. A recipient is whom it was sent to, or who received it, last.
    `times` are when it was seen last, LONG_AGO for never. `packed` are objects, by their places
    among those asked for, that are inside something now, and beside them `containers`, the
    outermost of those.
    """

    stages: npt.NDArray[np.int8]
    places: Ints
    recipients: Ints
    times: Ints
    packed: Ints
    containers: Ints
    sent: Sent


class Sent(NamedTuple):
    """Everybody to whom lots were sent, or who received them: one row a lot and a party.

    Of a lot each gets a part, so that whoever had it last says nothing of the others. `lots`
    are places among the objects asked for; `places` where it was when that was told last;
    `is_received` whether anything tells that the party got it, and not only that it was sent.
    """

    lots: Ints
    parties: Ints
    places: Ints
    is_received: Mask


@dataclass(frozen=True)
class Rows:
    """What names which thing, thing by thing, in the order of its events.

    `ranks` are places in the order of all events, `says` what each says of the stage.
    """

    things: Ints
    ranks: Ints
    says: npt.NDArray[np.int8]
    times: Ints
    sequences: Ints
    has_disposition: Mask
    """By rank: time and number of the event, and whether it says a disposition."""


def stand_now(connection: Connection, tenant_id: int, known: Known, objects: Ints) -> Standing:
    """Tell where objects stand after all that is recorded. They are in the order of numbers."""
    held = outsides(known.graph, objects[objects < known.graph.objects], LONG_AGO, FOREVER)
    things = np.unique(np.concatenate((objects, held.things)))
    rows = read_rows(connection, tenant_id, known.position, things)
    latest = Latest(rows, objects, held)
    places = by_rank(rows, *places_of(connection, tenant_id, known.position, rows.sequences))
    recipients = by_rank(rows, *recipients_of(connection, tenant_id, known.position, rows))
    packed, containers = _outermost(known, held)
    last_row = latest.row(np.ones(len(rows.things), bool))
    return Standing(
        stages=stages_of(rows, latest),
        places=_taken(places, rows, latest.row(places[rows.ranks] > 0)),
        recipients=_taken(recipients, rows, latest.row(recipients[rows.ranks] > 0)),
        times=np.where(last_row < 0, LONG_AGO, rows.times[rows.ranks[last_row]])
        if len(rows.things)
        else np.full(len(objects), LONG_AGO),
        packed=packed,
        containers=containers,
        sent=_sent(latest, rows, recipients, places, _are_lots(known, objects)),
    )


def _are_lots(known: Known, objects: Ints) -> Mask:
    found = np.zeros(len(objects), bool)
    inside = objects < known.graph.objects
    found[inside] = known.graph.is_lot(objects[inside])
    return found


def _sent(latest: Latest, rows: Rows, recipients: Ints, places: Ints, is_lot: Mask) -> Sent:
    """Give each pair of a lot and a recipient once, with the place that was told last."""
    askers, found = latest.all_rows(is_lot)
    ranks, says = rows.ranks[found], rows.says[found]
    is_named = recipients[ranks] > 0
    askers, ranks, says = askers[is_named], ranks[is_named], says[is_named]
    parties = recipients[ranks]
    order = np.lexsort((ranks, parties, askers))
    askers, parties, ranks, says = askers[order], parties[order], ranks[order], says[order]
    is_last = np.ones(len(askers), bool)
    is_last[:-1] = (askers[1:] != askers[:-1]) | (parties[1:] != parties[:-1])
    pair = np.cumsum(np.concatenate((np.zeros(1, np.int64), is_last[:-1])))[: len(askers)]
    got = np.bincount(pair, ~np.isin(says, (_NOTHING, _SENT)), int(is_last.sum()))
    return Sent(askers[is_last], parties[is_last], places[ranks[is_last]], got > 0)


def read_rows(connection: Connection, tenant_id: int, position: int, things: Ints) -> Rows:
    """Read the events of things, but for those declared in error."""
    values = {
        "tenant": sql.Literal(tenant_id),
        "position": sql.Literal(position),
        "last_role": sql.Literal(int(Role.OUTPUT_QUANTITY)),
    }
    said = np.concatenate(
        [
            read_columns(connection, _ROWS.format(objects=_array(some), **values), _ROW)
            for some in _parts(things)
        ]
    )
    events = _events(connection, values, np.unique(said["sequence"]))
    by_sequence = np.argsort(events["sequence"])
    in_order = events["sequence"][by_sequence]
    place = np.searchsorted(in_order, said["sequence"])
    counts = place < len(in_order)
    counts[counts] = in_order[place[counts]] == said["sequence"][counts]
    said, ranks = said[counts], by_sequence[place[counts]]
    says = events["says"][ranks].astype(np.int8)
    says[np.isin(said["role"], (int(Role.INPUT), int(Role.INPUT_QUANTITY)))] = _USED
    order = np.lexsort((says, ranks, said["object"]))
    return Rows(
        things=said["object"][order].astype(np.int64),
        ranks=ranks[order],
        says=says[order],
        times=events["time"].astype(np.int64) + _EPOCH_2000_US,
        sequences=events["sequence"].astype(np.int64),
        has_disposition=events["in_words"] == 1,
    )


def _events(
    connection: Connection, values: dict[str, sql.Literal], sequences: Ints
) -> npt.NDArray[np.void]:
    cases = [
        sql.SQL("WHEN business_step = {} THEN {}").format(sql.Literal(step), sql.Literal(says))
        for step, says in _SAYS.items()
    ]
    question = _EVENTS.format(
        sequences=_array(sequences),
        cases=sql.SQL(" ").join(cases),
        gone_for_good=sql.SQL(", ").join(map(sql.Literal, _GONE_FOR_GOOD)),
        transaction=sql.Literal(int(EventType.TRANSACTION)),
        gone=sql.Literal(_GONE),
        nothing=sql.Literal(_NOTHING),
        seen=sql.Literal(_SEEN),
        **values,
    )
    return read_columns(connection, question, _EVENT)


class Latest:
    """Finds the last row of each object, of its own or of a container while it was inside."""

    def __init__(self, rows: Rows, objects: Ints, held: Held) -> None:
        self._rows, self._count = rows, len(objects)
        own_low = np.searchsorted(rows.things, objects)
        own_high = np.searchsorted(rows.things, objects, "right")
        low, high = self._spans(held)
        self._askers = np.concatenate((np.arange(self._count), held.askers))
        self._low = np.concatenate((own_low, low))
        self._high = np.concatenate((own_high, high))

    def _spans(self, held: Held) -> tuple[Ints, Ints]:
        """Give for each stay the rows of the container from its beginning to its end."""
        rows = self._rows
        moments, place = np.unique(rows.times[rows.ranks], return_inverse=True)
        width = len(moments) + 1
        things, at = np.unique(rows.things, return_inverse=True)
        keys = at * width + place
        base = np.searchsorted(things, held.things) * width
        low = np.searchsorted(keys, base + np.searchsorted(moments, held.firsts))
        high = np.searchsorted(keys, base + np.searchsorted(moments, held.lasts, "right"))
        is_there = np.isin(held.things, things)
        return np.where(is_there, low, 0), np.where(is_there, np.maximum(low, high), 0)

    def row(self, is_said: Mask) -> Ints:
        """Give for each object the last of the rows that a mask marks, -1 for none."""
        rows = self._rows
        before = np.maximum.accumulate(np.where(is_said, np.arange(len(is_said)), -1))
        last = np.concatenate((np.full(1, -1), before))[self._high]
        is_inside = last >= self._low
        # The later event wins, whoever's it is; of one event what says most.
        keys = np.full(self._count, -1)
        found = last[is_inside]
        np.maximum.at(keys, self._askers[is_inside], rows.ranks[found] * 8 + rows.says[found])
        best = np.full(self._count, -1)
        is_best = rows.ranks[found] * 8 + rows.says[found] == keys[self._askers[is_inside]]
        best[self._askers[is_inside][is_best]] = found[is_best]
        return best

    def all_rows(self, is_wanted: Mask) -> tuple[Ints, Ints]:
        """Give all rows of the objects that a mask marks, and beside each whose it is."""
        spans = np.flatnonzero(is_wanted[self._askers] & (self._high > self._low))
        low, lengths = self._low[spans], (self._high - self._low)[spans]
        offsets = np.arange(int(lengths.sum())) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        return np.repeat(self._askers[spans], lengths), np.repeat(low, lengths) + offsets


def stages_of(rows: Rows, latest: Latest) -> npt.NDArray[np.int8]:
    """Give by object how far it has come."""
    stage_row = latest.row(rows.says != _NOTHING)
    sent_row = latest.row(rows.says == _SENT)
    stages = np.where(sent_row >= 0, Stage.DELIVERED, Stage.ON_SITE).astype(np.int8)
    is_said = stage_row >= 0
    says = rows.says[stage_row[is_said]]
    for one, stage in _FINAL.items():
        stages[np.flatnonzero(is_said)[says == one]] = stage
    return stages


def recipients_of(
    connection: Connection, tenant_id: int, position: int, rows: Rows
) -> tuple[Ints, Ints]:
    """Give events and for each the destination that says most."""
    found = named_in(
        connection, tenant_id, position, rows.sequences, Role.DESTINATION, words=_RECIPIENTS
    )
    found = found[found["word"] > 0]
    found = found[np.lexsort((-found["word"], found["sequence"]))]
    is_last = np.ones(len(found), bool)
    is_last[:-1] = found["sequence"][1:] != found["sequence"][:-1]
    return found["sequence"][is_last], found["object"][is_last]


def by_rank(rows: Rows, sequences: Ints, numbers: Ints) -> Ints:
    """Put numbers, which stand beside events in order, beside the ranks of these; 0 elsewhere."""
    found = np.zeros(len(rows.sequences), np.int64)
    if len(sequences):
        place = np.searchsorted(sequences, rows.sequences)
        place[place == len(sequences)] = 0
        is_there = sequences[place] == rows.sequences
        found[is_there] = numbers[place[is_there]]
    return found


def _taken(told: Ints, rows: Rows, chosen: Ints) -> Ints:
    found = np.zeros(len(chosen), np.int64)
    found[chosen >= 0] = told[rows.ranks[chosen[chosen >= 0]]]
    return found


def _outermost(known: Known, held: Held) -> tuple[Ints, Ints]:
    """Give what is inside something now, and beside it the outermost container."""
    is_open = held.lasts == FOREVER
    askers, things = held.askers[is_open], held.things[is_open]
    every = np.unique(things)
    around = outsides(known.graph, every, FOREVER, FOREVER)
    is_outermost = ~np.isin(things, every[around.askers])
    pairs = np.unique(np.stack((askers[is_outermost], things[is_outermost]), axis=1), axis=0)
    return pairs[:, 0], pairs[:, 1]


def _parts(numbers: Ints) -> list[Ints]:
    return [numbers[at : at + _AT_ONCE] for at in range(0, max(1, len(numbers)), _AT_ONCE)]


def _array(numbers: Ints) -> sql.Literal:
    return sql.Literal(numbers.tolist())
