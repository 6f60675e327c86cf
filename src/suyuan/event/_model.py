"""What an event is inside Suyuan: types, roles, the event itself, what a reader gives. 事件

An event keeps its body as the sender wrote it (EPCIS 2.0 JSON form), made self-contained
by its own `@context`. Beside the body stand the few facts that the journal, queries and the
genealogy need, taken out once, when the event was read and found valid.

**Set in stone: the numbers of `EventType`, `Action` and `Role` are stored.**
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import IntEnum
from typing import Any, Literal

import msgspec

from suyuan.errors import Problem

__all__ = [
    "DEFAULT_LIMITS",
    "DOCUMENT_POSITION",
    "GENEALOGY_ROLES",
    "Action",
    "Document",
    "DocumentKind",
    "Event",
    "EventType",
    "Limits",
    "Mention",
    "Named",
    "Rejected",
    "Role",
]

DOCUMENT_POSITION = -1
"""The position of a `Rejected` that speaks of the document, not of one event in it."""

Mention = tuple[int, str, Decimal | None, str | None, str | None]
"""How an event names an object: role, canonical URI, quantity, unit, type word as full URI.

For a lot that a key names beside its instance, the word is the instance.
"""

Named = tuple[int, Sequence[str]]
"""What an event names in one role and says nothing more of: the role, canonical URIs, each once."""

DocumentKind = Literal["document", "query_document", "event", "list", "lines"]
"""EPCISDocument, EPCISQueryDocument, one bare event, a list of events, one event a line."""


class EventType(IntEnum):
    """The five event types (EPCIS 2.0, 7.4). Set in stone: stored."""

    OBJECT = 1
    AGGREGATION = 2
    TRANSACTION = 3
    TRANSFORMATION = 4
    ASSOCIATION = 5


class Action(IntEnum):
    """What an event says about the life of the relation (EPCIS 2.0, 7.3.2). Set in stone."""

    NONE = 0  # TransformationEvent has no action
    ADD = 1
    OBSERVE = 2
    DELETE = 3


class Role(IntEnum):
    """In which place of an event an identifier stands. Set in stone: stored."""

    EPC = 1
    PARENT = 2
    CHILD = 3
    INPUT = 4
    OUTPUT = 5
    QUANTITY = 6
    CHILD_QUANTITY = 7
    INPUT_QUANTITY = 8
    OUTPUT_QUANTITY = 9
    READ_POINT = 10
    BUSINESS_LOCATION = 11
    BUSINESS_TRANSACTION = 12
    SOURCE = 13
    DESTINATION = 14
    TRANSFORMATION = 15
    LOT = 16  # of the instances of the event, by its master data or by their keys


GENEALOGY_ROLES = frozenset(
    {
        *(Role.EPC, Role.PARENT, Role.CHILD, Role.INPUT, Role.OUTPUT, Role.QUANTITY),
        *(Role.CHILD_QUANTITY, Role.INPUT_QUANTITY, Role.OUTPUT_QUANTITY),
        *(Role.TRANSFORMATION, Role.LOT),
    }
)
"""The roles of what takes part itself: all but places, parties and documents."""


_ORDER: dict[int, int] = {
    role: at
    for at, role in enumerate(
        (
            *(Role.EPC, Role.QUANTITY, Role.PARENT, Role.CHILD, Role.CHILD_QUANTITY),
            *(Role.INPUT, Role.INPUT_QUANTITY, Role.OUTPUT, Role.OUTPUT_QUANTITY),
            *(Role.READ_POINT, Role.BUSINESS_LOCATION, Role.BUSINESS_TRANSACTION),
            *(Role.SOURCE, Role.DESTINATION, Role.TRANSFORMATION, Role.LOT),
        )
    )
}


def _in_order(mention: Mention) -> int:
    return _ORDER[mention[0]]


class Event(msgspec.Struct, frozen=True):
    """One valid event: its body as sent, and what was taken out of it.

    Only the readers make one (`suyuan.event.read` and its kin); nothing changes it after.
    `event_time` is in microseconds since 1970-01-01T00:00:00Z, finer digits cut off.
    `business_step` and `disposition` are full URIs, whatever spelling the body has.
    """

    body: dict[str, Any]
    event_type: EventType
    event_time: int
    event_time_zone_offset: str
    event_id: str | None
    action: Action
    business_step: str | None
    disposition: str | None
    is_error_declaration: bool
    named: list[Named]
    detailed: list[Mention]
    """What it mentions, in two parts: where the role alone counts, and where more may be said."""

    @property
    def mentions(self) -> list[Mention]:
        """Give all that it mentions, one by one: what goes in before what comes out, then where.

        Of each role those without a quantity or type come first, in the order of their field.
        """
        plain: list[Mention] = [
            (role, uri, None, None, None) for role, uris in self.named for uri in uris
        ]
        return sorted(plain + self.detailed, key=_in_order)


@dataclass(frozen=True, slots=True)
class Rejected:
    """An event that is not valid, in a stream: its position among the events, and why.

    Position `DOCUMENT_POSITION` (-1) stands for the document around the events.
    """

    position: int
    problems: tuple[Problem, ...]


@dataclass(slots=True)
class Document:
    """What a reader made of one document: the valid events, and every problem of the rest.

    `positions` holds the index in the document of each event in `events`. `header` keeps the
    document's own fields (with master data); for a query document `header["queryResults"]`
    keeps the query's name, subscription and vocabularies.
    """

    kind: DocumentKind
    events: list[Event] = field(default_factory=list)
    positions: list[int] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    header: dict[str, Any] = field(default_factory=dict)

    @property
    def is_valid(self) -> bool:
        """Tell whether nothing at all was wrong."""
        return not self.problems


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How large a document may be. Whatever is over a limit is refused, never cut.

    No limit on lists is below 1,000: shorter lists are not counted.

    `document_bytes_max` and `events_max` hold for documents read as a whole, not for streams.
    """

    document_bytes_max: int = 256 * 1024 * 1024
    event_bytes_max: int = 32 * 1024 * 1024
    events_max: int = 1_000_000
    depth_max: int = 64
    list_length_max: int = 500_000
    text_length_max: int = 1_000_000
    problems_max: int = 10_000


DEFAULT_LIMITS = Limits()
