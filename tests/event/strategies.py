"""Events for property tests: valid bodies of all five types, and ways to spoil them."""

from __future__ import annotations

import copy
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

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

__all__ = ["CONTEXT", "FULL", "ODD", "bodies", "changed", "document", "places_in", "spoiled"]

CONTEXT = [{"ex": "https://ns.example.com/epcis/"}, {"plant": "urn:example:plant:"}]

serials = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-.", min_size=1)
instances = st.one_of(
    st.builds("urn:epc:id:sgtin:4012345.011111.{}".format, st.integers(1, 10**6)),
    st.builds("urn:epc:id:sscc:4012345.0{:09}".format, st.integers(0, 10**9 - 1)),
    st.builds("https://id.gs1.org/01/04012345111118/21/A{}".format, st.integers(1, 10**6)),
    st.builds("https://example.org/things/{}".format, st.integers(1, 10**6)),
)
classes = st.one_of(
    st.builds("urn:epc:class:lgtin:4012345.011111.L{}".format, st.integers(1, 10**4)),
    st.builds("https://id.gs1.org/01/04012345111118/10/L{}".format, st.integers(1, 10**4)),
    st.just("urn:epc:idpat:sgtin:4012345.011111.*"),
)
places = st.builds("urn:epc:id:sgln:4012345.00005.{}".format, st.integers(0, 99))
own_uris = st.builds("https://example.org/{}".format, st.integers(1, 99))
times = st.builds(
    "20{:02}-{:02}-{:02}T{:02}:{:02}:{:02}{}{}".format,
    st.integers(0, 40),
    st.integers(1, 12),
    st.integers(1, 28),
    st.integers(0, 23),
    st.integers(0, 59),
    st.integers(0, 59),
    st.sampled_from(["", ".5", ".123", ".123456"]),
    st.sampled_from(["Z", "+02:00", "-05:30", "+14:00"]),
)
# Numbers that a double holds exactly, so that every system spells them alike.
decimals = st.one_of(
    st.integers(0, 10**9), st.builds(lambda n: Decimal(n) / 4, st.integers(1, 4 * 10**6))
)
quantity = st.one_of(
    st.fixed_dictionaries({"epcClass": classes}),
    st.fixed_dictionaries({"epcClass": classes, "quantity": st.integers(1, 10**6)}),
    st.fixed_dictionaries(
        {
            "epcClass": classes,
            "quantity": st.builds(lambda n: Decimal(n) / 8, st.integers(1, 10**6)),
            "uom": st.sampled_from(["KGM", "LTR", "C62"]),
        }
    ),
)


def words(vocabulary: Any) -> st.SearchStrategy[str]:
    return st.one_of(st.sampled_from(vocabulary.words), own_uris)


scalars = st.one_of(
    st.sampled_from(["", "red", "2 of 3", "牛奶", "a:b", "10 %"]),
    st.integers(-1000, 1000).map(str),
    own_uris,
)
extension_values = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3),
        st.dictionaries(
            st.sampled_from(["ex:one", "ex:two", "plant:three"]), inner, min_size=1, max_size=3
        ),
    ),
    max_leaves=6,
)
extensions = st.dictionaries(
    st.sampled_from(["ex:a", "ex:b", "plant:c", "plant:时间"]), extension_values, max_size=3
)


def typed(key: str, values: st.SearchStrategy[str], vocabulary: Any) -> st.SearchStrategy[Any]:
    return st.lists(
        st.fixed_dictionaries({"type": words(vocabulary), key: values}), min_size=1, max_size=3
    )


@st.composite
def sensor_elements(draw: st.DrawFn) -> dict[str, Any]:
    report = st.fixed_dictionaries(
        {"type": words(MEASUREMENT_TYPE)},
        optional={
            "value": decimals,
            "minValue": decimals,
            "meanValue": decimals,
            "uom": st.sampled_from(["CEL", "A93"]),
            "component": words(COMPONENT),
            "exception": words(SENSOR_ALERT_TYPE),
            "stringValue": st.sampled_from(["open", "half open"]),
            "booleanValue": st.booleans(),
            "hexBinaryValue": st.sampled_from(["f0f0", "AB"]),
            "time": times,
            "deviceID": st.just("urn:epc:id:giai:4012345.111"),
            "uriValue": own_uris,
        },
    )
    element: dict[str, Any] = {"sensorReport": draw(st.lists(report, min_size=1, max_size=3))}
    if draw(st.booleans()):
        element["sensorMetadata"] = draw(
            st.fixed_dictionaries({}, optional={"time": times, "bizRules": own_uris})
        )
    return element


common = {
    "eventID": st.uuids().map("urn:uuid:{}".format),
    "recordTime": times,
    "certificationInfo": st.one_of(own_uris, st.lists(own_uris, min_size=1, max_size=2)),
    "errorDeclaration": st.fixed_dictionaries(
        {"declarationTime": times},
        optional={
            "reason": words(ERROR_REASON),
            "correctiveEventIDs": st.lists(own_uris, max_size=2),
        },
    ),
    "bizStep": words(BUSINESS_STEP),
    "disposition": words(DISPOSITION),
    "readPoint": st.fixed_dictionaries({"id": places}, optional={"ex:gate": scalars}),
    "bizLocation": st.fixed_dictionaries({"id": places}),
    "bizTransactionList": typed("bizTransaction", own_uris, BUSINESS_TRANSACTION_TYPE),
    "sourceList": typed("source", places, SOURCE_DESTINATION_TYPE),
    "destinationList": typed("destination", places, SOURCE_DESTINATION_TYPE),
    "sensorElementList": st.lists(sensor_elements(), min_size=1, max_size=2),
}
life = {
    "persistentDisposition": st.fixed_dictionaries(
        {"set": st.lists(words(DISPOSITION), min_size=1, max_size=2, unique=True)},
        optional={"unset": st.lists(words(DISPOSITION), min_size=1, max_size=2, unique=True)},
    )
}
instance_list = st.lists(instances, min_size=1, max_size=4, unique=True)
quantity_list = st.lists(quantity, min_size=1, max_size=3)


@st.composite
def bodies(draw: st.DrawFn) -> dict[str, Any]:
    """Give a valid event with any of the fields its type can have."""
    name = draw(
        st.sampled_from(["Object", "Aggregation", "Transaction", "Transformation", "Association"])
    )
    start = {"type": st.just(f"{name}Event"), "eventTime": times}
    start["eventTimeZoneOffset"] = st.sampled_from(["+02:00", "-05:30", "+00:00", "+14:00"])
    more = dict(common)
    if name == "Transformation":
        start |= {"inputEPCList": instance_list, "outputQuantityList": quantity_list}
        more |= life | {
            "inputQuantityList": quantity_list,
            "outputEPCList": instance_list,
            "transformationID": own_uris,
            "ilmd": extensions,
        }
    elif name == "Object":
        start |= {"action": st.sampled_from(["ADD", "OBSERVE", "DELETE"]), "epcList": instance_list}
        more |= life | {"quantityList": quantity_list}
    elif name == "Transaction":
        start |= {
            "action": st.sampled_from(["ADD", "OBSERVE", "DELETE"]),
            "epcList": instance_list,
            "bizTransactionList": more.pop("bizTransactionList"),
        }
        more |= {"quantityList": quantity_list, "parentID": instances}
    else:
        start |= {
            "action": st.sampled_from(["ADD", "OBSERVE", "DELETE"]),
            "parentID": instances,
            "childEPCs": instance_list,
        }
        more |= {"childQuantityList": quantity_list}
    body: dict[str, Any] = draw(st.fixed_dictionaries(start, optional=more)) | draw(extensions)
    if body["type"] == "ObjectEvent" and body["action"] == "ADD" and draw(st.booleans()):
        body["ilmd"] = draw(extensions)
    return body


def document(*events: dict[str, Any]) -> dict[str, Any]:
    """Put events into a document that declares their prefixes."""
    return {
        "@context": ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld", *CONTEXT],
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": "2026-03-01T00:00:00Z",
        "epcisBody": {"eventList": list(events)},
    }


ODD: tuple[Any, ...] = (
    None,
    True,
    0,
    -1,
    Decimal("1.5"),
    "",
    " ",
    "x",
    "no uri",
    "http://a b/",
    "http://a/%zz",
    "2026-02-30T00:00:00Z",
    "2026-03-01T10:00:00",
    "+25:00",
    "shipping ",
    "Shipping",
    "EUR1",
    "kg",
    [],
    {},
    ["x"],
    [None],
    [{}],
    {"id": "x"},
    {"type": "po"},
    {"a": {"b": []}},
)


def places_in(value: Any, at: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    found = [at]
    if isinstance(value, dict):
        for key, member in value.items():
            found += places_in(member, (*at, key))
    elif isinstance(value, list):
        for index, element in enumerate(value):
            found += places_in(element, (*at, index))
    return found


@st.composite
def spoiled(draw: st.DrawFn, valid: st.SearchStrategy[dict[str, Any]]) -> dict[str, Any]:
    """Give a valid body with one to three places changed to something odd."""
    body = copy.deepcopy(draw(valid))
    odd = st.sampled_from(ODD).map(copy.deepcopy)  # What is put in may be spoiled once more.
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.sampled_from(places_in(body)))
        if not at:
            body[draw(st.sampled_from(["bizstep", "epcList", "ilmd", "parentID", "action"]))] = (
                draw(odd)
            )
            continue
        target: Any = body
        for part in at[:-1]:
            target = target[part]
        match draw(st.sampled_from(["replace", "remove", "repeat", "add", "rename", "empty"])):
            case "empty" if isinstance(target[at[-1]], (list, dict)):
                target[at[-1]].clear()
            case "remove":
                del target[at[-1]]
            case "repeat" if isinstance(target, list):
                target.append(copy.deepcopy(target[at[-1]]))
            case "add" if isinstance(target[at[-1]], dict):
                target[at[-1]][draw(st.sampled_from(["odd", "ex:odd", "type", "id"]))] = draw(odd)
            case "rename" if isinstance(target, dict):
                target[f"{at[-1]}s"] = target.pop(at[-1])
            case _:
                target[at[-1]] = draw(odd)
    return body


def changed(body: Any, at: tuple[str | int, ...], value: Any) -> Any:
    """Give a copy of a body with another value at one place."""
    copied = copy.deepcopy(body)
    target = copied
    for part in at[:-1]:
        target = target[part]
    target[at[-1]] = value
    return copied


# Every field that an event can have, each once.
FULL_SENSOR = {
    "sensorMetadata": {
        "time": "2026-03-01T08:00:00Z",
        "startTime": "2026-03-01T07:00:00Z",
        "endTime": "2026-03-01T08:00:00Z",
        "deviceID": "urn:epc:id:giai:4012345.111",
        "deviceMetadata": "https://example.org/1",
        "rawData": "https://example.org/2",
        "dataProcessingMethod": "https://example.org/3",
        "bizRules": "https://example.org/4",
        "ex:more": "x",
    },
    "sensorReport": [
        {
            "type": "Temperature",
            "exception": "ALARM_CONDITION",
            "deviceID": "urn:epc:id:giai:4012345.111",
            "deviceMetadata": "https://example.org/1",
            "rawData": "https://example.org/2",
            "dataProcessingMethod": "https://example.org/3",
            "bizRules": "https://example.org/4",
            "time": "2026-03-01T08:00:00Z",
            "microorganism": "https://example.org/5",
            "chemicalSubstance": "https://example.org/6",
            "coordinateReferenceSystem": "https://example.org/7",
            "value": 1,
            "component": "x",
            "stringValue": "x",
            "booleanValue": True,
            "hexBinaryValue": "0f",
            "uriValue": "https://example.org/8",
            "minValue": 1,
            "maxValue": 1,
            "meanValue": 1,
            "sDev": 1,
            "percRank": 1,
            "percValue": 1,
            "uom": "CEL",
            "ex:more": "x",
        }
    ],
}
FULL_COMMON = {
    "eventTime": "2026-03-01T08:00:00Z",
    "recordTime": "2026-03-01T08:00:00Z",
    "eventTimeZoneOffset": "+08:00",
    "eventID": "urn:uuid:374d95fc-9457-4a51-bd6a-0bba133845a8",
    "certificationInfo": ["https://example.org/1"],
    "errorDeclaration": {
        "declarationTime": "2026-03-01T08:00:00Z",
        "reason": "incorrect_data",
        "correctiveEventIDs": ["urn:uuid:374d95fc-9457-4a51-bd6a-0bba133845a9"],
        "ex:more": "x",
    },
    "bizStep": "shipping",
    "disposition": "in_transit",
    "readPoint": {"id": "urn:epc:id:sgln:4012345.00005.1"},
    "bizLocation": {"id": "urn:epc:id:sgln:4012345.00005.2"},
    "bizTransactionList": [{"type": "po", "bizTransaction": "https://example.org/po/1"}],
    "sourceList": [{"type": "location", "source": "urn:epc:id:sgln:4012345.00005.3"}],
    "destinationList": [{"type": "owning_party", "destination": "urn:epc:id:pgln:4012345.00005"}],
    "sensorElementList": [FULL_SENSOR],
    "ex:more": {"ex:inner": ["x"]},
}
FULL_QUANTITIES = [
    {"epcClass": "urn:epc:class:lgtin:4012345.011111.L1", "quantity": 1, "uom": "KGM"}
]
FULL_LIFE = {
    "persistentDisposition": {"set": ["available"], "unset": ["unavailable"]},
    "ilmd": {"ex:lot": "x"},
}
FULL_CHILDREN = {
    "action": "ADD",
    "parentID": "urn:epc:id:sscc:4012345.0000000333",
    "childEPCs": ["urn:epc:id:sgtin:4012345.011111.1"],
    "childQuantityList": FULL_QUANTITIES,
}
FULL: tuple[dict[str, Any], ...] = (
    {
        "type": "ObjectEvent",
        "action": "ADD",
        "epcList": ["urn:epc:id:sgtin:4012345.011111.1"],
        "quantityList": FULL_QUANTITIES,
        **FULL_LIFE,
        **FULL_COMMON,
    },
    {"type": "AggregationEvent", **FULL_CHILDREN, **FULL_COMMON},
    {
        "type": "TransactionEvent",
        "action": "ADD",
        "parentID": "urn:epc:id:sscc:4012345.0000000333",
        "epcList": ["urn:epc:id:sgtin:4012345.011111.1"],
        "quantityList": FULL_QUANTITIES,
        **FULL_COMMON,
    },
    {
        "type": "TransformationEvent",
        "transformationID": "https://example.org/transformation/1",
        "inputEPCList": ["urn:epc:id:sgtin:4012345.011111.1"],
        "inputQuantityList": FULL_QUANTITIES,
        "outputEPCList": ["urn:epc:id:sgtin:4012345.011111.2"],
        "outputQuantityList": FULL_QUANTITIES,
        **FULL_LIFE,
        **FULL_COMMON,
    },
    {"type": "AssociationEvent", **FULL_CHILDREN, **FULL_COMMON},
)
