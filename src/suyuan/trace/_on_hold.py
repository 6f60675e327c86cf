"""Everything in a record that is on hold now. 暂扣清单

Few events speak of holds, so those are kept by number and only new events are looked through;
what each of their objects says last is told by the same rules as everywhere.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from threading import Lock

import msgspec
import numpy as np
import numpy.typing as npt

from suyuan.event import Role, decode_body
from suyuan.store import Connection
from suyuan.trace._columns import Ints
from suyuan.trace._containers import insides
from suyuan.trace._details import Detail, Details
from suyuan.trace._genealogy import Genealogy
from suyuan.trace._holds import HOLD_WORDS, HOLDING
from suyuan.trace._index import Known
from suyuan.trace._names import numbers_of_uris, uris_of
from suyuan.trace._stays import FOREVER
from suyuan.trace._titles import title_in, titles_of

__all__ = ["Held", "Holds", "OnHold"]

_SHOWN_MAX = 200
_AT_ONCE = 5_000
_SPEAKING = """
    SELECT sequence, body FROM journal.event
    WHERE tenant_id = %(tenant)s AND sequence > %(from)s AND sequence <= %(to)s
      AND (disposition = ANY(%(words)s) OR business_step = %(holding)s
           OR strpos(body, 'ersistentDisposition') > 0)
"""


Mask = npt.NDArray[np.bool_]


class Held(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing that is on hold, and why; the names are those of its product."""

    uri: str
    hold: list[str]
    product: str | None = None
    place: str | None = None
    name: str | None = None
    name_zh: str | None = None


class OnHold(msgspec.Struct, frozen=True, kw_only=True):
    """How many things are on hold, and the first of them."""

    position: int
    count: int
    held: list[Held]


@dataclass
class _Seen:
    """The objects of which any event up to a position says that they are on hold."""

    position: int = 0
    objects: set[int] = field(default_factory=set)


class Holds:
    """Gives what is on hold in a record. Any number of threads may ask at once."""

    def __init__(self) -> None:
        self._seen: dict[int, _Seen] = {}
        self._lock = Lock()

    def now(self, genealogy: Genealogy, *, shown_max: int = _SHOWN_MAX) -> OnHold:
        """Tell what is on hold by now, and the first of it by name. 暂扣清单"""
        tenant_id = genealogy.tenant_id
        with genealogy.database.tenant(tenant_id, read_only=True) as connection:
            known = genealogy.known(connection)
            every = self._spoken_of(connection, tenant_id, known)
            # What is said of a lot is said of its instances; the lot stands for them all.
            details = Details(connection, tenant_id, known)
            told = details.of(every, np.zeros(len(every), np.int64)) if len(every) else []
            found = [at for at, one in enumerate(told) if one.hold]
            held_now = [(int(every[at]), told[at]) for at in found[:shown_max]]
            return OnHold(
                position=known.position,
                count=len(found),
                held=_named(connection, tenant_id, known, held_now),
            )

    def are_held(
        self, connection: Connection, tenant_id: int, known: Known, objects: Ints, lots: Ints
    ) -> Mask:
        """Tell which objects are on hold, or their lots are; `lots` are theirs, 0 for none."""
        spoken_of = self._spoken_of(connection, tenant_id, known)
        asked = spoken_of[np.isin(spoken_of, objects) | np.isin(spoken_of, lots)]
        if not len(asked):
            return np.zeros(len(objects), bool)
        told = Details(connection, tenant_id, known).of(asked, np.zeros(len(asked), np.int64))
        held = asked[[bool(one.hold) for one in told]]
        return np.isin(objects, held) | np.isin(lots, held)

    def _spoken_of(self, connection: Connection, tenant_id: int, known: Known) -> Ints:
        """Give all that may be on hold: what events speak of, and what is inside that now."""
        with self._lock:
            seen = self._seen.setdefault(tenant_id, _Seen())
            _look(connection, tenant_id, seen, known.position)
            objects = np.array(sorted(seen.objects), np.int64)
        inside = objects[objects < known.graph.objects]
        held = insides(known.graph, inside, FOREVER, FOREVER)
        return np.unique(np.concatenate((objects, held.things)))


def _named(
    connection: Connection, tenant_id: int, known: Known, held: list[tuple[int, Detail]]
) -> list[Held]:
    products = {number: int(known.facts.classes[number]) for number, _ in held}
    names = uris_of(connection, tenant_id, {*products, *products.values()})
    titles = titles_of(connection, tenant_id, names.values())
    return [
        Held(
            uri=names[number],
            hold=detail.hold,
            product=names.get(products[number]),
            place=detail.place,
            **title_in(titles, names.get(products[number])),
        )
        for number, detail in held
    ]


def _look(connection: Connection, tenant_id: int, seen: _Seen, position: int) -> None:
    """Look through the events that are new, and note of what they speak."""
    if position <= seen.position:
        return
    values = {
        "tenant": tenant_id,
        "from": seen.position,
        "to": position,
        "words": list(HOLD_WORDS),
        "holding": HOLDING,
    }
    uris: set[str] = set()
    for _, body in connection.execute(_SPEAKING, values):
        mentions = decode_body(body.encode()).mentions
        uris |= {uri for role, uri, *_ in mentions if role <= Role.OUTPUT_QUANTITY}
    seen.objects.update(numbers_of_uris(connection, tenant_id, uris).values())
    seen.position = position
