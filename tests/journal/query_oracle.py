"""A naive filter over plain events: says slowly and plainly which of them a query asks for.

It shares nothing with the code under test. Spellings of one object, and factors of units, are
tables written by hand.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

SPELLINGS = [
    {"urn:epc:id:sgtin:0614141.107346.1", "https://id.gs1.org/01/10614141073464/21/1"},
    {"urn:epc:id:sgtin:0614141.107346.2", "https://shop.example/01/10614141073464/21/2"},
    {"urn:epc:id:sgtin:4012345.012345.1", "https://id.gs1.org/01/04012345123456/21/1"},
    {"urn:epc:id:sscc:0614141.1234567890", "https://id.gs1.org/00/106141412345678908"},
    {"urn:epc:class:lgtin:4012345.012345.L1", "https://id.gs1.org/01/04012345123456/10/L1"},
    {"urn:epc:idpat:sgtin:4012345.012345.*", "https://id.gs1.org/01/04012345123456"},
    {"urn:epc:id:sgln:0614141.00777.0", "https://id.gs1.org/414/0614141007776"},
    {"urn:epc:id:sgln:0614141.00777.7", "https://id.gs1.org/414/0614141007776/254/7"},
    {"https://own.example/thing/1"},
]
PATTERNS = {
    "urn:epc:idpat:sgtin:0614141.107346.*": {0, 1},
    "urn:epc:idpat:sgtin:0614141.*.*": {0, 1},
    "urn:epc:idpat:sgtin:*.*.*": {0, 1, 2},
    "urn:epc:idpat:sscc:0614141.*": {3},
    "https://id.gs1.org/01/10614141073464/21/*": {0, 1},
}
FACTORS = {"KGM": Decimal(1), "GRM": Decimal("0.001"), "TNE": Decimal(1000)}
NAMESPACES = {"ex": "http://ex.example/", "other": "http://ex.example/"}
ROLES = {
    "MATCH_epc": ("epcList", "childEPCs"),
    "MATCH_parentID": ("parentID",),
    "MATCH_inputEPC": ("inputEPCList",),
    "MATCH_outputEPC": ("outputEPCList",),
    "MATCH_anyEPC": ("epcList", "childEPCs", "parentID", "inputEPCList", "outputEPCList"),
}
CLASS_ROLES = {
    "MATCH_epcClass": ("quantityList", "childQuantityList"),
    "MATCH_inputEPCClass": ("inputQuantityList",),
    "MATCH_outputEPCClass": ("outputQuantityList",),
    "MATCH_anyEPCClass": (
        "quantityList",
        "childQuantityList",
        "inputQuantityList",
        "outputQuantityList",
    ),
}


def same(left: str, right: str) -> bool:
    return left == right or any({left, right} <= group for group in SPELLINGS)


def fits_pattern(text: str, wanted: str) -> bool:
    if wanted in PATTERNS:
        return any(text in SPELLINGS[number] for number in PATTERNS[wanted])
    return same(text, wanted)


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def word(text: str | None) -> str | None:
    """Give the bare word for any spelling."""
    if text is None:
        return None
    return text.rsplit("-", 1)[-1].rsplit(":", 1)[-1] if "cbv" in text.lower() else text


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def compare(operator: str, left: Any, right: Any) -> bool:
    return {
        "EQ": left == right,
        "GT": left > right,
        "GE": left >= right,
        "LT": left < right,
        "LE": left <= right,
    }[operator]


def as_number(value: Any) -> Decimal | None:
    if isinstance(value, bool):
        return None
    try:
        return Decimal(str(value))
    except ArithmeticError:
        return None


def as_moment(value: Any) -> datetime | None:
    try:
        return moment(str(value)) if "T" in str(value) else None
    except ValueError:
        return None


def scalar_text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def scalar_fits(operator: str, value: Any, wanted: str) -> bool:
    if operator == "EQ" and scalar_text(value) == wanted:
        return True
    for read in (as_number, as_moment):
        left, right = read(value), read(wanted)
        if left is not None and right is not None:
            return compare(operator, left, right)
    return False


def field_key(name: str) -> str:
    """Give a field's full name under the prefixes of the tests."""
    prefix, _, local = name.partition(":")
    return NAMESPACES.get(prefix, prefix + ":") + local


def named(fields: Mapping[str, Any], name: str) -> Iterator[Any]:
    for key, value in fields.items():
        if key != "@context" and field_key(key) == field_key(name):
            yield from listed(value)


def nested(value: Any) -> Iterator[Mapping[str, Any]]:
    """Give all objects inside a value, itself among them."""
    if isinstance(value, dict):
        yield value
        for inner in value.values():
            yield from nested(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from nested(inner)


def values_of(event: Mapping[str, Any], rest: str) -> list[Any]:
    """Give the values of an extension field named as in a parameter, behind its operator."""
    is_inner = rest.startswith("INNER_")
    rest = rest.removeprefix("INNER_")
    fields: Mapping[str, Any] = event
    if rest.startswith("ILMD_"):
        fields, rest = event.get("ilmd", {}), rest.removeprefix("ILMD_")
    if not is_inner:
        return list(named(fields, rest))
    outer = [v for key, v in fields.items() if ":" in key and not key.startswith("@")]
    return [one for value in outer for inside in nested(value) for one in named(inside, rest)]


def quantities(event: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for name in CLASS_ROLES["MATCH_anyEPCClass"]:
        yield from event.get(name, [])


def reports(event: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for element in event.get("sensorElementList", []):
        yield from element["sensorReport"]


def kelvin(value: Decimal, uom: str) -> Decimal:
    return value + Decimal("273.15") if uom == "CEL" else value


def fits(event: Mapping[str, Any], name: str, values: list[str]) -> bool:
    """Tell whether an event is asked for by one parameter."""
    operator, _, rest = name.partition("_")
    if name == "eventType":
        return event["type"] in values
    if name == "EQ_action":
        return event.get("action") in values
    if rest in ("bizStep", "disposition"):
        return rest in event and word(event[rest]) in {word(value) for value in values}
    if rest == "eventTime":
        return compare(operator, moment(event["eventTime"]), moment(values[0]))
    if name in ROLES:
        found = [one for field in ROLES[name] for one in listed(event.get(field))]
        return any(fits_pattern(one, value) for one in found for value in values)
    if name in CLASS_ROLES:
        classes = [one["epcClass"] for field in CLASS_ROLES[name] for one in event.get(field, [])]
        return any(same(one, value) for one in classes for value in values)
    if rest in ("readPoint", "bizLocation"):
        place = event.get(rest, {}).get("id")
        return place is not None and any(same(place, value) for value in values)
    if rest.startswith("source_"):
        return any(
            word(one["type"]) == rest.removeprefix("source_") and same(one["source"], value)
            for one in event.get("sourceList", [])
            for value in values
        )
    if name == "EQ_eventID":
        return event["eventID"] in values
    return fits_measure(event, operator, rest, values)


def fits_measure(event: Mapping[str, Any], operator: str, rest: str, values: list[str]) -> bool:
    """Tell the same for parameters that ask for quantities, sensors and extensions."""
    if rest == "quantity":
        return any(
            compare(operator, Decimal(str(one["quantity"])), Decimal(value))
            for one in quantities(event)
            if "quantity" in one
            for value in values
        )
    if rest.startswith("quantity_"):
        factor = FACTORS[rest.removeprefix("quantity_")]
        return any(
            compare(
                operator,
                Decimal(str(one["quantity"])) * FACTORS[one["uom"]],
                Decimal(value) * factor,
            )
            for one in quantities(event)
            if one.get("uom") in FACTORS
            for value in values
        )
    if rest.startswith("value_"):
        return any(
            compare(
                operator,
                kelvin(Decimal(str(one["value"])), one["uom"]),
                kelvin(Decimal(value), rest.removeprefix("value_")),
            )
            for one in reports(event)
            for value in values
        )
    if rest == "type":
        return any(one["type"] in values for one in reports(event))
    if operator == "EXISTS":
        return rest in event if ":" not in rest else bool(values_of(event, rest))
    found = [one for one in values_of(event, rest) if not isinstance(one, dict)]
    return any(scalar_fits(operator, one, value) for one in found for value in values)
