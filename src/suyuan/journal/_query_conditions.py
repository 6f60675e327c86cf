"""What a query can ask of an event: one frozen condition for each kind of question. 查询条件

Pure data. `_query_parameters` makes them from the names and values of EPCIS 2.0 (8.2.7.1),
`_query_sql` says them in SQL. An event is in the answer when all conditions hold.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from suyuan.event import Role

__all__ = [
    "AttributeFits",
    "Column",
    "ColumnIn",
    "Condition",
    "Declared",
    "EventIdIn",
    "Exists",
    "FieldExists",
    "FieldFits",
    "FieldName",
    "IsOneOf",
    "Mentions",
    "Operator",
    "Place",
    "QuantityFits",
    "Scope",
    "SensorNumberFits",
    "TimeFits",
    "Value",
    "Within",
]


class Operator(StrEnum):
    """How a value of the event compares with that of the query; SQL writes it the same."""

    EQ = "="
    GT = ">"
    GE = ">="
    LT = "<"
    LE = "<="


class Column(StrEnum):
    """A fact of an event that has its own column in `journal.event`."""

    EVENT_TYPE = "event_type"
    ACTION = "action"
    BUSINESS_STEP = "business_step"
    DISPOSITION = "disposition"
    EVENT_TIME = "event_time"
    RECORD_TIME = "record_time"


class Place(StrEnum):
    """Where in the body of an event a standard field stands, as a path of SQL/JSON."""

    EVENT = "$"
    PERSISTENT_SET = '$."persistentDisposition"."set"'
    PERSISTENT_UNSET = '$."persistentDisposition"."unset"'
    ERROR = '$."errorDeclaration"'
    ELEMENT = '$."sensorElementList"[*]'
    METADATA = '$."sensorElementList"[*]."sensorMetadata"'
    REPORT = '$."sensorElementList"[*]."sensorReport"[*]'


class Scope(StrEnum):
    """Where extension fields stand, as a path of SQL/JSON to the object that has them."""

    EVENT = "$"
    ILMD = '$."ilmd"'
    ERROR_DECLARATION = '$."errorDeclaration"'
    SENSORELEMENT = '$."sensorElementList"[*]'
    SENSORMETADATA = '$."sensorElementList"[*]."sensorMetadata"'
    SENSORREPORT = '$."sensorElementList"[*]."sensorReport"[*]'
    READ_POINT = '$."readPoint"'
    BUSINESS_LOCATION = '$."bizLocation"'


@dataclass(frozen=True, slots=True)
class FieldName:
    """The name of an extension field, in every way in which an event may write it.

    `names` are compared with the field's name after its prefix was replaced by the name
    space that the event declares for it; `keys` with the name as it stands. `ending` is what
    each of them ends with, where that is known: it spares parsing of most bodies.
    """

    names: tuple[str, ...]
    keys: tuple[str, ...]
    ending: str


@dataclass(frozen=True, slots=True)
class Value:
    """A value asked for: as text, and as number or time where it reads as one."""

    text: str
    number: Decimal | None = None
    time: datetime | None = None


@dataclass(frozen=True, slots=True)
class ColumnIn:
    """The column has one of these values."""

    column: Column
    values: tuple[int, ...] | tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TimeFits:
    """A time compares so with the one asked for: a column, or a standard field of the body."""

    where: Column | tuple[tuple[Place, str], ...]
    operator: Operator
    time: datetime


@dataclass(frozen=True, slots=True)
class EventIdIn:
    """The event has one of these IDs, its own or by the journal."""

    event_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Mentions:
    """The event names one of these objects in one of these roles.

    `patterns` are for SQL's LIKE, over canonical URIs. `word` is the type of a business
    transaction, source or destination: its full URI, "" for none, None for any.
    """

    roles: tuple[Role, ...]
    uris: tuple[str, ...]
    patterns: tuple[str, ...] = ()
    word: str | None = None


@dataclass(frozen=True, slots=True)
class Within:
    """The event is at one of these places or at a place inside it, by master data."""

    role: Role
    uris: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class QuantityFits:
    """Some quantity of an EPC class compares so; with a unit, after conversion to it."""

    operator: Operator
    values: tuple[Decimal, ...]
    uom: str | None


@dataclass(frozen=True, slots=True)
class SensorNumberFits:
    """Some sensor report has this number; with a unit, after conversion to it."""

    field: str
    operator: Operator
    values: tuple[Decimal, ...]
    uom: str | None


@dataclass(frozen=True, slots=True)
class IsOneOf:
    """A standard field of the body, at one of these places, is one of these texts.

    A place without a field name is itself the text or a list of texts. `suffixes` are ends
    of web URIs, for identifiers that may stand on any domain.
    """

    places: tuple[tuple[Place, str], ...]
    texts: tuple[str, ...]
    suffixes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Exists:
    """The event has this standard field at its top level."""

    field: str


@dataclass(frozen=True, slots=True)
class Declared:
    """The event carries an error declaration."""


@dataclass(frozen=True, slots=True)
class FieldFits:
    """Some extension field of this name, here or anywhere inside one, compares so."""

    scope: Scope
    is_inner: bool
    name: FieldName
    operator: Operator
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class FieldExists:
    """There is an extension field of this name, here or anywhere inside one."""

    scope: Scope
    is_inner: bool
    name: FieldName


@dataclass(frozen=True, slots=True)
class AttributeFits:
    """What the field names has this attribute in its master data, with one of these values.

    `field` is roles of identifiers, a column of words, or an extension field. No `values`:
    the attribute need only be there; then one of `attributes` is enough.
    """

    field: tuple[Role, ...] | Column | FieldName
    attributes: tuple[str, ...]
    values: tuple[str, ...] | None


Condition = (
    ColumnIn
    | TimeFits
    | EventIdIn
    | Mentions
    | Within
    | QuantityFits
    | SensorNumberFits
    | IsOneOf
    | Exists
    | Declared
    | FieldFits
    | FieldExists
    | AttributeFits
)
