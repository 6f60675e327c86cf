"""Query parameters: the language of SimpleEventQuery, read into conditions. 查询参数

Source: EPCIS 2.0, 8.2.7.1, and the query schema and OpenAPI of its REST binding. Names are
`OPERATOR_field`; some fields are fixed, others carry a type, a unit or the name of an
extension field. Several values are alternatives; several parameters must all hold. Every
problem is told at once.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from difflib import get_close_matches

from suyuan.errors import InvalidInput, Problem
from suyuan.event import (
    BUSINESS_STEP,
    BUSINESS_TRANSACTION_TYPE,
    COMPONENT,
    DISPOSITION,
    ERROR_REASON,
    MEASUREMENT_TYPE,
    SOURCE_DESTINATION_TYPE,
    Action,
    EventType,
    Role,
    Vocabulary,
)
from suyuan.identifier import canonical_uri
from suyuan.journal._query import EventQuery
from suyuan.journal._query_conditions import (
    AttributeFits,
    Column,
    ColumnIn,
    Condition,
    Declared,
    EventIdIn,
    Exists,
    FieldExists,
    FieldFits,
    FieldName,
    IsOneOf,
    Mentions,
    Operator,
    Place,
    QuantityFits,
    Scope,
    SensorNumberFits,
    TimeFits,
    Within,
)
from suyuan.journal._query_reading import Reader, Reading, Values
from suyuan.journal._query_values import (
    attribute_names,
    boolean_value,
    field_name,
    integer_value,
    number_value,
    object_pattern,
    time_value,
    typed_value,
    uri_spellings,
    word_spellings,
    word_uri,
)
from suyuan.quantity import find_unit

__all__ = ["QUERY_PARAMETERS", "parse_query"]


def parse_query(
    parameters: Mapping[str, Values], *, namespaces: Mapping[str, str] | None = None
) -> EventQuery:
    """Read parameters, each with its values, into a query.

    `namespaces` are the prefixes that the asker declares. Raises InvalidInput with every
    problem of every parameter; `where` names the parameter.
    """
    reading = Reading(namespaces or {}, _find_reader)
    for name, values in parameters.items():
        reading.read(name, values)
    return reading.query()


def _find_reader(name: str) -> tuple[Reader | None, re.Match[str] | None, str]:
    fixed = _FIXED.get(name)
    if fixed is not None:
        return fixed, None, ""
    for pattern, reader in _PATTERNS:
        match = pattern.fullmatch(name)
        if match is not None:
            return reader, match, ""
    return None, None, "".join(get_close_matches(name, _FIXED, n=1, cutoff=0.7))


def _event_type(reading: Reading, values: Values) -> Condition:
    known = {f"{one.name.capitalize()}Event": int(one) for one in EventType}

    def read(text: str) -> int:
        word = text.removeprefix("epcis:")
        if word not in known and ":" in text:
            return 0  # A foreign event type, of which this record has none.
        return _word(word, known, "eventType")

    return ColumnIn(Column.EVENT_TYPE, reading.each(values, read))


def _action(reading: Reading, values: Values) -> Condition:
    known = {one.name: int(one) for one in Action if one is not Action.NONE}
    return ColumnIn(Column.ACTION, reading.each(values, lambda text: _word(text, known, "action")))


def _word(text: str, known: Mapping[str, int], list_name: str) -> int:
    if text in known:
        return known[text]
    expected = get_close_matches(text, known, n=1, cutoff=0.5) or list(known)
    raise InvalidInput(
        Problem(
            code="query.word_misspelt",
            rule=list_name,
            found=text[:200],
            expected=", ".join(expected),
        )
    )


def _column_word(column: Column, vocabulary: Vocabulary) -> Reader:
    def read(reading: Reading, values: Values) -> Condition:
        return ColumnIn(
            column,
            reading.each(values, lambda text: word_uri(vocabulary, text, reading.namespaces)),
        )

    return read


def _body_word(vocabulary: Vocabulary, *places: tuple[Place, str]) -> Reader:
    def read(reading: Reading, values: Values) -> Condition:
        found = reading.each(
            values, lambda text: word_spellings(vocabulary, text, reading.namespaces)
        )
        return IsOneOf(places, tuple(sorted({one for group in found for one in group})))

    return read


def _body_uri(*places: tuple[Place, str]) -> Reader:
    def read(reading: Reading, values: Values) -> Condition:
        found = [uri_spellings(value) for value in values]
        return IsOneOf(
            places,
            tuple(sorted({text for texts, _ in found for text in texts})),
            tuple(sorted({suffix for _, suffixes in found for suffix in suffixes})),
        )

    return read


def _body_text(*places: tuple[Place, str]) -> Reader:
    return lambda _, values: IsOneOf(places, values)


def _boolean_field(*places: tuple[Place, str]) -> Reader:
    def read(reading: Reading, values: Values) -> Condition:
        return IsOneOf(places, ("true" if reading.one(values, boolean_value) else "false",))

    return read


def _hexadecimal(*places: tuple[Place, str]) -> Reader:
    def read(_: Reading, values: Values) -> Condition:
        spelled = {form for one in values for form in (one, one.upper(), one.lower())}
        return IsOneOf(places, tuple(sorted(spelled)))

    return read


def _time(operator: Operator, where: Column | tuple[tuple[Place, str], ...]) -> Reader:
    return lambda reading, values: TimeFits(where, operator, reading.one(values, time_value))


def _roles(*roles: Role, word: str | None = None) -> Reader:
    def read(reading: Reading, values: Values) -> Condition:
        uris = reading.each(values, lambda text: str(canonical_uri(text)))
        return Mentions(roles, uris, word=word)

    return read


def _within(role: Role) -> Reader:
    return lambda reading, values: Within(
        role, reading.each(values, lambda text: str(canonical_uri(text)))
    )


def _matching(*roles: Role, is_class: bool = False) -> Reader:
    def read(reading: Reading, values: Values) -> Condition:
        found = reading.each(values, lambda text: object_pattern(text, is_class=is_class))
        return Mentions(
            roles,
            tuple(uri for uris, _ in found for uri in uris),
            tuple(pattern for _, patterns in found for pattern in patterns),
        )

    return read


def _exists(field: str) -> Reader:
    def read(reading: Reading, values: Values) -> Condition | None:
        if not reading.one(values, boolean_value):
            return None
        return Declared() if field == "errorDeclaration" else Exists(field)

    return read


def _event_id(_: Reading, values: Values) -> Condition:
    return EventIdIn(values)


def _order_by(reading: Reading, values: Values) -> None:
    reading.order_by = reading.one(values, str)


def _order_direction(reading: Reading, values: Values) -> None:
    reading.direction = reading.one(values, str)
    _word(reading.direction, {"ASC": 0, "DESC": 1}, "orderDirection")


def _event_count_limit(reading: Reading, values: Values) -> None:
    reading.event_count_limit = reading.one(values, integer_value)


def _max_event_count(reading: Reading, values: Values) -> None:
    reading.max_event_count = reading.one(values, integer_value)


# -- parameters whose name carries a type, a unit or a field ---------------------------------


def _typed_mention(reading: Reading, values: Values) -> Condition | None:
    """`EQ_bizTransaction_type`, `EQ_source_type`, `EQ_destination_type`."""
    role, vocabulary = {
        "bizTransaction": (Role.BUSINESS_TRANSACTION, BUSINESS_TRANSACTION_TYPE),
        "source": (Role.SOURCE, SOURCE_DESTINATION_TYPE),
        "destination": (Role.DESTINATION, SOURCE_DESTINATION_TYPE),
    }[reading.part("field")]
    text = reading.part("type")
    word = word_uri(vocabulary, text, reading.namespaces) if text else ""
    return _roles(role, word=word)(reading, values)


def _quantity(reading: Reading, values: Values) -> Condition:
    operator = Operator[reading.part("operator")]
    return QuantityFits(operator, _numbers(reading, operator, values), _unit(reading))


def _sensor_number(reading: Reading, values: Values) -> Condition:
    operator = Operator[reading.part("operator")]
    numbers = _numbers(reading, operator, values)
    return SensorNumberFits(reading.part("field"), operator, numbers, _unit(reading))


def _numbers(reading: Reading, operator: Operator, values: Values) -> tuple[Decimal, ...]:
    if operator is Operator.EQ:
        return reading.each(values, number_value)
    return (reading.one(values, number_value),)


def _unit(reading: Reading) -> str | None:
    uom = reading.part("uom")
    return find_unit(uom).code if uom else None


_SCOPES = {
    "": Scope.EVENT,
    "ILMD_": Scope.ILMD,
    "ERROR_DECLARATION_": Scope.ERROR_DECLARATION,
    "SENSORELEMENT_": Scope.SENSORELEMENT,
    "SENSORMETADATA_": Scope.SENSORMETADATA,
    "SENSORREPORT_": Scope.SENSORREPORT,
    "readPoint_": Scope.READ_POINT,
    "bizLocation_": Scope.BUSINESS_LOCATION,
}


def _field(reading: Reading, values: Values) -> Condition | None:
    """`EQ_fieldname`, `GE_INNER_ILMD_fieldname`, `EXISTS_SENSORREPORT_fieldname` and their kin."""
    scope, is_inner = _SCOPES[reading.part("scope")], bool(reading.part("inner"))
    name = field_name(reading.part("name"), reading.namespaces)
    if reading.part("operator") == "EXISTS":
        return FieldExists(scope, is_inner, name) if reading.one(values, boolean_value) else None
    operator = Operator[reading.part("operator")]
    if operator is Operator.EQ:
        return FieldFits(scope, is_inner, name, operator, tuple(map(typed_value, values)))
    value = reading.one(values, typed_value)
    if value.number is None and value.time is None:
        raise InvalidInput(Problem(code="query.comparable_wrong", found=value.text[:200]))
    return FieldFits(scope, is_inner, name, operator, (value,))


_ATTRIBUTE_FIELDS: dict[str, tuple[Role, ...] | Column] = {
    "readPoint": (Role.READ_POINT,),
    "bizLocation": (Role.BUSINESS_LOCATION,),
    "bizTransaction": (Role.BUSINESS_TRANSACTION,),
    "source": (Role.SOURCE,),
    "destination": (Role.DESTINATION,),
    "epcClass": (
        Role.QUANTITY,
        Role.CHILD_QUANTITY,
        Role.INPUT_QUANTITY,
        Role.OUTPUT_QUANTITY,
    ),
    "epcList": (Role.EPC, Role.CHILD),
    "parentID": (Role.PARENT,),
    "transformationID": (Role.TRANSFORMATION,),
    "bizStep": Column.BUSINESS_STEP,
    "disposition": Column.DISPOSITION,
}


def _attribute_field(reading: Reading, text: str) -> tuple[Role, ...] | Column | FieldName:
    known = _ATTRIBUTE_FIELDS.get(text)
    if known is not None:
        return known
    if ":" not in text and "#" not in text:
        raise InvalidInput(
            Problem(
                code="query.field_unknown", found=text[:200], expected=", ".join(_ATTRIBUTE_FIELDS)
            )
        )
    return field_name(text, reading.namespaces)


def _has_attribute(reading: Reading, values: Values) -> Condition:
    field = _attribute_field(reading, reading.part("name"))
    names = {spelling for value in values for spelling in attribute_names(value)}
    return AttributeFits(field, tuple(sorted(names)), None)


def _attribute_value(reading: Reading, values: Values) -> Condition:
    rest = reading.part("rest")
    cut = next(
        (len(name) for name in _ATTRIBUTE_FIELDS if rest.startswith(f"{name}_")), rest.find("_")
    )
    if cut < 1:
        raise InvalidInput(Problem(code="query.field_unknown", found=rest[:200]))
    field = _attribute_field(reading, rest[:cut])
    return AttributeFits(field, attribute_names(rest[cut + 1 :]), values)


_COMPARE = r"(?P<operator>EQ|GT|GE|LT|LE)"
_SCOPED = "|".join(scope for scope in _SCOPES if scope)
_PATTERNS: tuple[tuple[re.Pattern[str], Reader], ...] = (
    (re.compile(r"EQ_(?P<field>bizTransaction|source|destination)_(?P<type>.*)"), _typed_mention),
    (re.compile(rf"{_COMPARE}_quantity(?:_(?P<uom>[A-Z0-9]{{2,3}}))?"), _quantity),
    (
        re.compile(
            rf"{_COMPARE}_(?P<field>value|minValue|maxValue|meanValue|percValue|percRank|sDev)"
            r"(?:_(?P<uom>[A-Z0-9]{2,3}))?"
        ),
        _sensor_number,
    ),
    (re.compile(r"HASATTR_(?P<name>.+)"), _has_attribute),
    (re.compile(r"EQ_?ATTR_(?P<rest>.+)"), _attribute_value),
    (
        re.compile(
            r"(?P<operator>EQ|GT|GE|LT|LE|EXISTS)_(?=INNER_|.*[:#])(?P<inner>INNER_)?"
            rf"(?P<scope>{_SCOPED})?(?P<name>.+)"
        ),
        _field,
    ),
)

_ANY_EPC = (Role.EPC, Role.CHILD, Role.PARENT, Role.INPUT, Role.OUTPUT)
_ANY_CLASS = (Role.QUANTITY, Role.CHILD_QUANTITY, Role.INPUT_QUANTITY, Role.OUTPUT_QUANTITY)
_FIXED: dict[str, Reader] = {
    "eventType": _event_type,
    "EQ_action": _action,
    "EQ_bizStep": _column_word(Column.BUSINESS_STEP, BUSINESS_STEP),
    "EQ_disposition": _column_word(Column.DISPOSITION, DISPOSITION),
    "EQ_persistentDisposition_set": _body_word(DISPOSITION, (Place.PERSISTENT_SET, "")),
    "EQ_persistentDisposition_unset": _body_word(DISPOSITION, (Place.PERSISTENT_UNSET, "")),
    "EQ_readPoint": _roles(Role.READ_POINT),
    "WD_readPoint": _within(Role.READ_POINT),
    "EQ_bizLocation": _roles(Role.BUSINESS_LOCATION),
    "WD_bizLocation": _within(Role.BUSINESS_LOCATION),
    "EQ_transformationID": _roles(Role.TRANSFORMATION),
    "MATCH_epc": _matching(Role.EPC, Role.CHILD),
    "MATCH_parentID": _matching(Role.PARENT),
    "MATCH_inputEPC": _matching(Role.INPUT),
    "MATCH_outputEPC": _matching(Role.OUTPUT),
    "MATCH_anyEPC": _matching(*_ANY_EPC),
    "MATCH_epcClass": _matching(Role.QUANTITY, Role.CHILD_QUANTITY, is_class=True),
    "MATCH_inputEPCClass": _matching(Role.INPUT_QUANTITY, is_class=True),
    "MATCH_outputEPCClass": _matching(Role.OUTPUT_QUANTITY, is_class=True),
    "MATCH_anyEPCClass": _matching(*_ANY_CLASS, is_class=True),
    "EQ_eventID": _event_id,
    "EQ_errorReason": _body_word(ERROR_REASON, (Place.ERROR, "reason")),
    "EQ_correctiveEventID": _body_text((Place.ERROR, "correctiveEventIDs")),
    "EQ_type": _body_word(MEASUREMENT_TYPE, (Place.REPORT, "type")),
    "EQ_component": _body_word(COMPONENT, (Place.REPORT, "component")),
    "EQ_bizRules": _body_uri((Place.METADATA, "bizRules")),
    "EQ_stringValue": _body_text((Place.REPORT, "stringValue")),
    "EQ_booleanValue": _boolean_field((Place.REPORT, "booleanValue")),
    "EQ_hexBinaryValue": _hexadecimal((Place.REPORT, "hexBinaryValue")),
    "EQ_uriValue": _body_uri((Place.REPORT, "uriValue")),
    "orderBy": _order_by,
    "orderDirection": _order_direction,
    "eventCountLimit": _event_count_limit,
    "maxEventCount": _max_event_count,
}


def _both(field: str) -> tuple[tuple[Place, str], ...]:
    return (Place.METADATA, field), (Place.REPORT, field)


_FIXED |= {
    f"EQ_{field}": _body_uri(*_both(field))
    for field in ("deviceID", "deviceMetadata", "rawData", "dataProcessingMethod")
}
_FIXED |= {
    f"EQ_{field}": _body_uri((Place.REPORT, field))
    for field in ("microorganism", "chemicalSubstance", "coordinateReferenceSystem", "exception")
}
_TIMES: dict[str, Column | tuple[tuple[Place, str], ...]] = {
    "eventTime": Column.EVENT_TIME,
    "recordTime": Column.RECORD_TIME,
    "errorDeclarationTime": ((Place.ERROR, "declarationTime"),),
    "errorDeclaration_Time": ((Place.ERROR, "declarationTime"),),
    "time": _both("time"),
    "startTime": ((Place.METADATA, "startTime"),),
    "endTime": ((Place.METADATA, "endTime"),),
}
_FIXED |= {
    f"{operator.name}_{name}": _time(operator, where)
    for name, where in _TIMES.items()
    for operator in Operator
}
_TOP_FIELDS = """
    errorDeclaration sensorElementList ilmd persistentDisposition readPoint bizLocation bizStep
    disposition bizTransactionList sourceList destinationList epcList quantityList childEPCs
    childQuantityList inputEPCList outputEPCList inputQuantityList outputQuantityList parentID
    transformationID certificationInfo
"""
_FIXED |= {f"EXISTS_{field}": _exists(field) for field in _TOP_FIELDS.split()}

QUERY_PARAMETERS = tuple(_FIXED)
"""The parameters whose names are fixed; others carry a type, a unit or a field's name."""
