"""The fields of each event type, and the rules that hold among them. 字段与规则

The fields are those of the official JSON schema; the rules are those of the schema and what
the standard says with SHALL and its own examples keep to (docs/design/event.md lists both).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from suyuan.event import _check_objects as objects
from suyuan.event import _checks as check
from suyuan.event._model import Action, EventType, Role
from suyuan.event._reading import SCHEMA, Check, Reading
from suyuan.event._text import time_microseconds
from suyuan.event._vocabulary import (
    BUSINESS_STEP,
    BUSINESS_TRANSACTION_TYPE,
    COMPONENT,
    DISPOSITION,
    ERROR_REASON,
    MEASUREMENT_TYPE,
    SENSOR_ALERT_TYPE,
    SOURCE_DESTINATION_TYPE,
)

__all__ = [
    "EVENT_TYPE_NAMES",
    "FIELDS",
    "PERSISTENT_ELSEWHERE",
    "REQUIRED",
    "RULES",
    "UNCOMMON",
    "uncommon_rules",
]

PERSISTENT_ELSEWHERE = "epcis:persistentDisposition"
"""persistentDisposition where the JSON schema has no such field: full name, same meaning.

The XSD has the field in all five event types, the JSON schema in two. Where only XML has it,
it stands in the JSON form under the compact form of its full name, which the JSON schema
allows and which JSON-LD expands to the same.
"""

EVENT_TYPE_NAMES: dict[str, EventType] = {
    "ObjectEvent": EventType.OBJECT,
    "AggregationEvent": EventType.AGGREGATION,
    "TransactionEvent": EventType.TRANSACTION,
    "TransformationEvent": EventType.TRANSFORMATION,
    "AssociationEvent": EventType.ASSOCIATION,
}

# -- the fields ------------------------------------------------------------------------------

_SENSOR_METADATA: dict[str, Check] = {
    "time": check.time,
    "startTime": check.time,
    "endTime": check.time,
    "deviceID": check.uri,
    "deviceMetadata": check.uri,
    "rawData": check.uri,
    "dataProcessingMethod": check.uri,
    "bizRules": check.uri,
}
_SENSOR_REPORT: dict[str, Check] = {
    "type": check.word(MEASUREMENT_TYPE),
    "exception": check.word(SENSOR_ALERT_TYPE),
    "component": check.word(COMPONENT),
    "time": check.time,
    "stringValue": check.text,
    "booleanValue": check.boolean,
    "hexBinaryValue": check.hex_binary,
    "uom": check.text,
    **dict.fromkeys(
        (
            "deviceID",
            "deviceMetadata",
            "rawData",
            "dataProcessingMethod",
            "bizRules",
            "microorganism",
            "chemicalSubstance",
            "coordinateReferenceSystem",
            "uriValue",
        ),
        check.uri,
    ),
    **dict.fromkeys(
        ("value", "minValue", "maxValue", "meanValue", "sDev", "percRank", "percValue"),
        check.number,
    ),
}
_SENSOR_ELEMENT: dict[str, Check] = {
    "sensorMetadata": check.members(
        check.Form("sensorMetadata", _SENSOR_METADATA, others="extensions")
    ),
    "sensorReport": check.member_list(
        # The JSON schema asks for a type, the XSD does not: see _sensor_rules.
        check.Form("sensorReport", _SENSOR_REPORT, others="extensions"),
        is_empty_allowed=False,
    ),
}
_ERROR_DECLARATION: dict[str, Check] = {
    "declarationTime": check.time,
    "reason": check.word(ERROR_REASON),
    "correctiveEventIDs": check.uri_list,
}

_COMMON: dict[str, Check] = {
    "@context": check.skip,
    "type": check.skip,
    "eventTime": check.event_time,
    "recordTime": check.time,
    "eventTimeZoneOffset": check.time_zone_offset,
    "eventID": check.event_id,
    "certificationInfo": check.certification_info,
    "errorDeclaration": check.members(
        check.Form(
            "errorDeclaration", _ERROR_DECLARATION, ("declarationTime",), others="extensions"
        )
    ),
    "bizStep": check.word(BUSINESS_STEP, "business_step"),
    "disposition": check.word(DISPOSITION, "disposition"),
    "readPoint": objects.place(Role.READ_POINT, "readPoint"),
    "bizLocation": objects.place(Role.BUSINESS_LOCATION, "bizLocation"),
    "bizTransactionList": objects.typed(
        Role.BUSINESS_TRANSACTION,
        "bizTransaction",
        BUSINESS_TRANSACTION_TYPE,
        is_type_required=False,
    ),
    "sourceList": objects.typed(
        Role.SOURCE, "source", SOURCE_DESTINATION_TYPE, is_type_required=True
    ),
    "destinationList": objects.typed(
        Role.DESTINATION, "destination", SOURCE_DESTINATION_TYPE, is_type_required=True
    ),
    "sensorElementList": check.member_list(
        check.Form("sensorElement", _SENSOR_ELEMENT, ("sensorReport",), others="extensions")
    ),
}
_persistent_disposition = check.members(
    check.Form(
        "persistentDisposition",
        {
            "set": check.words(DISPOSITION, "persistentDisposition"),
            "unset": check.words(DISPOSITION, "persistentDisposition"),
        },
    )
)
_LIFE: dict[str, Check] = {
    "persistentDisposition": _persistent_disposition,
    "ilmd": check.members(check.Form("ilmd", {}, others="extensions")),
}
# Only the XSD has it in the other three; see PERSISTENT_ELSEWHERE.
_ELSEWHERE: dict[str, Check] = {PERSISTENT_ELSEWHERE: _persistent_disposition}
_CHILDREN: dict[str, Check] = {
    **_ELSEWHERE,
    "action": check.action,
    "parentID": objects.identifier(Role.PARENT),
    "childEPCs": objects.epcs(Role.CHILD, is_set=False, definition="AggregationEvent"),
    "childQuantityList": objects.quantities(Role.CHILD_QUANTITY),
}

FIELDS: dict[EventType, dict[str, Check]] = {
    EventType.OBJECT: {
        **_COMMON,
        **_LIFE,
        "action": check.action,
        "epcList": objects.epcs(Role.EPC, is_set=True, definition="epcList"),
        "quantityList": objects.quantities(Role.QUANTITY),
    },
    EventType.AGGREGATION: {**_COMMON, **_CHILDREN},
    EventType.TRANSACTION: {
        **_COMMON,
        **_ELSEWHERE,
        "action": check.action,
        "parentID": objects.identifier(Role.PARENT),
        "epcList": objects.epcs(Role.EPC, is_set=False, definition="TransactionEvent"),
        "quantityList": objects.quantities(Role.QUANTITY),
    },
    EventType.TRANSFORMATION: {
        **_COMMON,
        **_LIFE,
        "inputEPCList": objects.epcs(Role.INPUT, is_set=True, definition="epcList"),
        "outputEPCList": objects.epcs(Role.OUTPUT, is_set=True, definition="epcList"),
        "inputQuantityList": objects.quantities(Role.INPUT_QUANTITY),
        "outputQuantityList": objects.quantities(Role.OUTPUT_QUANTITY),
        "transformationID": objects.identifier(Role.TRANSFORMATION),
    },
    EventType.ASSOCIATION: {**_COMMON, **_CHILDREN},
}
"""The fields of each event type, with their checks. Any other field is an extension."""

REQUIRED: dict[EventType, tuple[str, ...]] = {
    EventType.OBJECT: ("eventTime", "eventTimeZoneOffset", "action"),
    EventType.AGGREGATION: ("eventTime", "eventTimeZoneOffset", "action"),
    EventType.TRANSACTION: ("eventTime", "eventTimeZoneOffset", "bizTransactionList", "action"),
    EventType.TRANSFORMATION: ("eventTime", "eventTimeZoneOffset"),
    EventType.ASSOCIATION: ("eventTime", "eventTimeZoneOffset", "parentID", "action"),
}

# -- rules across fields ---------------------------------------------------------------------


def _object_rules(reading: Reading, body: dict[str, Any]) -> None:
    """Say what an ObjectEvent must be about, and when it may carry ILMD."""
    if not (
        body.get("epcList")
        or body.get("quantityList")
        or (body.get("sensorElementList") and "readPoint" in body)
    ):
        reading.fault(
            (),
            "objects_missing",
            rule="EPCIS 2.0, 7.4 ObjectEvent; " + SCHEMA + "ObjectEvent",
            expected="epcList or quantityList, or sensorElementList with readPoint",
            found=body,
        )
    if "ilmd" in body and reading.action in (Action.OBSERVE, Action.DELETE):
        reading.fault(
            ("ilmd",),
            "ilmd_not_allowed",
            rule="EPCIS 2.0, 7.3.6 ILMD; " + SCHEMA + "ObjectEvent",
            expected="action ADD where there is ilmd",
            found=reading.action.name,
        )


def _children_rules(reading: Reading, body: dict[str, Any]) -> None:
    """Say when an aggregation or association needs children and a parent."""
    if reading.action is not Action.DELETE and not (
        body.get("childEPCs") or body.get("childQuantityList")
    ):
        reading.fault(
            (),
            "objects_missing",
            rule=f"EPCIS 2.0, 7.4 {body['type']}; {SCHEMA}{body['type']}",
            expected="childEPCs or childQuantityList, unless action is DELETE",
            found=body,
        )
    if (
        reading.action in (Action.ADD, Action.DELETE)
        and "parentID" not in body
        and body["type"] == "AggregationEvent"  # the schema asks it of every AssociationEvent
    ):
        reading.fault(
            (),
            "field_missing",
            rule="EPCIS 2.0, 7.4 AggregationEvent",
            expected="parentID, unless action is OBSERVE",
            found=body,
            field="parentID",
        )


def _transaction_rules(reading: Reading, body: dict[str, Any]) -> None:
    """Say what a TransactionEvent must be about."""
    if body.get("bizTransactionList") == []:
        reading.fault(
            ("bizTransactionList",),
            "list_empty",
            rule=SCHEMA + "TransactionEvent",
            expected="at least one business transaction",
            found=[],
        )
    if reading.action is not Action.DELETE and not (
        body.get("epcList") or body.get("quantityList")
    ):
        reading.fault(
            (),
            "objects_missing",
            rule="EPCIS 2.0, 7.4 TransactionEvent; " + SCHEMA + "TransactionEvent",
            expected="epcList or quantityList, unless action is DELETE",
            found=body,
        )


def _transformation_rules(reading: Reading, body: dict[str, Any]) -> None:
    """Say that something goes in and something comes out, here or in a linked event."""
    has_input = bool(body.get("inputEPCList") or body.get("inputQuantityList"))
    has_output = bool(body.get("outputEPCList") or body.get("outputQuantityList"))
    if has_input and has_output:
        return
    if "transformationID" not in body:
        expected = "at least one input and one output, or a transformationID"
    elif not (has_input or has_output):
        expected = "at least one input or output beside the transformationID"
    else:
        return
    reading.fault(
        (),
        "transformation_incomplete",
        rule="EPCIS 2.0, 7.4 TransformationEvent; " + SCHEMA + "TransformationEvent",
        expected=expected,
        found=body,
    )


RULES: dict[EventType, Callable[[Reading, dict[str, Any]], None]] = {
    EventType.OBJECT: _object_rules,
    EventType.AGGREGATION: _children_rules,
    EventType.TRANSACTION: _transaction_rules,
    EventType.TRANSFORMATION: _transformation_rules,
    EventType.ASSOCIATION: _children_rules,
}


UNCOMMON = frozenset({"sensorElementList", "persistentDisposition", PERSISTENT_ELSEWHERE})
"""The fields that `uncommon_rules` looks at."""


def uncommon_rules(reading: Reading, body: dict[str, Any]) -> None:
    """Look at what few events have and a check of one field cannot see."""
    for name in ("persistentDisposition", PERSISTENT_ELSEWHERE):
        if body.get(name) == {}:
            reading.fault(
                (name,),
                "field_missing",
                rule=SCHEMA + "persistentDisposition",
                expected="set or unset",
                found={},
                field="set",
            )
    elements = body.get("sensorElementList")
    for index, element in enumerate(elements if type(elements) is list else ()):
        if type(element) is dict:
            _sensor_rules(reading, index, element)


def _sensor_rules(reading: Reading, index: int, element: dict[str, Any]) -> None:
    """Say what must hold among the fields of a sensor element."""
    metadata = element.get("sensorMetadata")
    if type(metadata) is dict and {"startTime", "endTime"} <= metadata.keys():
        start, end = (_moment(metadata[name]) for name in ("startTime", "endTime"))
        if start is not None and end is not None and start > end:
            reading.fault(
                ("sensorElementList", index, "sensorMetadata", "startTime"),
                "times_reversed",
                rule="EPCIS 2.0, 7.3.7 startTime",
                expected=f"no later than endTime {metadata['endTime']}",
                found=metadata["startTime"],
            )
    reports = element.get("sensorReport")
    for number, report in enumerate(reports if type(reports) is list else ()):
        if type(report) is dict and "type" not in report and "exception" not in report:
            reading.fault(
                ("sensorElementList", index, "sensorReport", number),
                "field_missing",
                rule=SCHEMA + "sensorReport",
                expected="type, or exception where only an alarm is told",
                found=report,
                field="type",
            )
        if type(report) is dict and ("percRank" in report) != ("percValue" in report):
            missing = "percValue" if "percRank" in report else "percRank"
            reading.fault(
                ("sensorElementList", index, "sensorReport", number),
                "field_missing",
                rule="EPCIS 2.0, 7.3.7 percRank and percValue",
                expected=missing,
                found=report,
                field=missing,
            )


def _moment(value: Any) -> int | None:
    try:
        return time_microseconds(value)
    except (ValueError, TypeError, IndexError):
        return None
