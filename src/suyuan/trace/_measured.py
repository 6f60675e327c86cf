"""What was measured in an event: sensor reports, and results that a plant writes down. 测量值

The standard has sensor reports (EPCIS 2.0, 7.3.7). A result that is no measurement of theirs,
such as that of a test strip, is told in two fields of ours: `suyuan:result`, a word, and
`suyuan:parameter`, values with names. Anybody may write anything in extensions: what has
another shape tells nothing here.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
from msgspec.structs import replace

__all__ = ["Measured", "measured_in"]

_MEASURED_MAX = 12
_VALUES = (("value", ""), ("minValue", "min"), ("meanValue", "mean"), ("maxValue", "max"))
_TEXTS = ("stringValue", "booleanValue", "uriValue")


class Measured(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One value. `what` was measured, `of` which germ or substance; `text` where it is no number.

    `part` is `min`, `mean` or `max` for one of a period; `alarm` what the sensor reports itself.
    """

    what: str = ""
    part: str = ""
    value: float | None = None
    text: str = ""
    uom: str = ""
    of: str = ""
    per: str = ""
    alarm: str = ""


def measured_in(elements: Any, result: Any, parameters: Any) -> list[Measured]:
    """Give the first values that an event tells, in their order."""
    found: list[Measured] = []
    for one in _values(elements, result, parameters):
        found.append(one)
        if len(found) == _MEASURED_MAX:
            break
    return found


def _values(elements: Any, result: Any, parameters: Any) -> Iterator[Measured]:
    if isinstance(result, str) and result:
        yield Measured(what="result", text=result)
    for one in _dicts(parameters):
        value = _number(one.get("suyuan:value"))
        if value is not None:
            uom = _text(one.get("suyuan:uom"))
            yield Measured(what=_text(one.get("suyuan:name")), value=value, uom=uom)
    for element in _dicts(elements):
        for report in _dicts(element.get("sensorReport")):
            yield from _of_report(report)


def _of_report(report: dict[str, Any]) -> Iterator[Measured]:
    common = Measured(
        what=_text(report.get("type")),
        uom=_text(report.get("uom")),
        of=_text(report.get("microorganism")) or _text(report.get("chemicalSubstance")),
        per=_text(report.get("suyuan:perVolume")),
        alarm=_text(report.get("exception")),
    )
    is_told = False
    for name, part in _VALUES:
        value = _number(report.get(name))
        if value is not None:
            is_told = True
            yield replace(common, part=part, value=value)
    for name in _TEXTS:
        said = report.get(name)
        if isinstance(said, bool) or (isinstance(said, str) and said):
            is_told = True
            yield replace(common, text=str(said).lower() if isinstance(said, bool) else said)
    if common.alarm and not is_told:
        yield common


def _dicts(said: Any) -> Iterator[dict[str, Any]]:
    for one in said if isinstance(said, list) else [said]:
        if isinstance(one, dict):
            yield one


def _text(said: Any) -> str:
    return said if isinstance(said, str) else ""


def _number(said: Any) -> float | None:
    return float(said) if isinstance(said, int | float) and not isinstance(said, bool) else None
