"""A mapping: what the columns of a table mean. Made for one file, good for all like it. 映射

It names columns by their headers and holds all that must be known to read the cells, so that
the same mapping on the same file gives the same events, wherever and whenever it runs.
**Set in stone:** its form, which databases and files of users hold; fields may be added.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import msgspec

from suyuan.errors import InvalidInput, Problem
from suyuan.importing._reading import Reading
from suyuan.importing._scalars import find_zone
from suyuan.importing._synonyms import Template, fields, templates

__all__ = ["Bound", "Mapping", "bind", "check_mapping", "read_mapping"]

_VALUE_CHARACTERS_MAX = 2_000
_ENOUGH = {
    "object": (("code", "product"),),
    "aggregation": (),
    "transformation": (("input_code", "input_product"), ("output_code", "output_product")),
    "master_data": (("name", "name_zh"),),
}
_GROUPS = {"transformation": ("work_order",), "aggregation": ("container", "time")}


class Mapping(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """What the columns of a table mean."""

    template: str
    columns: dict[str, str] = {}
    """The column that holds a field, by the code of the field."""
    values: dict[str, str] = {}
    """What a field is in every row, or in those where its column has nothing."""
    group: list[str] = []
    """Rows in which these fields are the same are one event; empty: each row is one."""
    time_zone: str = "Asia/Shanghai"
    date_order: Literal["ymd", "dmy", "mdy"] = "ymd"
    decimal: Literal[".", ","] = "."
    product_codes: Literal["any", "gs1", "plant"] = "any"
    """How a bare product code is read: as a GTIN where it can be one, always, or never."""
    reading: Reading = Reading()


@dataclass(frozen=True, slots=True)
class Bound:
    """A mapping on the columns of one table: fields by the numbers of their columns from 0."""

    mapping: Mapping
    template: Template
    columns: dict[str, int]


def read_mapping(data: bytes) -> Mapping:
    """Read a mapping from its JSON. Raises InvalidInput `importing.mapping_wrong`."""
    try:
        mapping = msgspec.json.decode(data, type=Mapping)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InvalidInput(
            Problem(code="importing.mapping_wrong", found=str(error)[:300])
        ) from error
    check_mapping(mapping)
    return mapping


def check_mapping(mapping: Mapping) -> None:
    """See that a mapping can mean something. Raises InvalidInput with all that is wrong."""
    problems = _faults(mapping)
    if problems:
        raise InvalidInput(problems)


def bind(mapping: Mapping, columns: Sequence[str]) -> Bound:
    """Find the columns of a mapping in a table.

    Raises InvalidInput with all that is missing: `importing.column_missing`,
    `importing.field_missing`, and what `read_mapping` raises.
    """
    check_mapping(mapping)
    template = templates()[mapping.template]
    numbers = {name: number for number, name in enumerate(columns)}
    problems = [
        Problem(
            code="importing.column_missing",
            where=field,
            expected=name,
            found=", ".join(columns)[:500],
            values=_named(field),
        )
        for field, name in mapping.columns.items()
        if name not in numbers
    ]
    given = {*mapping.columns, *(field for field, value in mapping.values.items() if value)}
    missing = [field for field in template.fields if field in template.required - given]
    for choices in _ENOUGH[template.event]:
        if not given & set(choices):
            missing.append(choices[-1])
    problems += [
        Problem(code="importing.field_missing", where=field, values=_named(field))
        for field in missing
    ]
    if problems:
        raise InvalidInput(problems)
    bound = {field: numbers[name] for field, name in mapping.columns.items()}
    return Bound(mapping, template, bound)


def _faults(mapping: Mapping) -> list[Problem]:
    """Find all that is wrong with a mapping, whatever table it is for."""
    template = templates().get(mapping.template)
    if template is None:
        known = ", ".join(templates())
        return [
            Problem(code="importing.template_unknown", expected=known, found=mapping.template[:100])
        ]
    problems = [
        Problem(
            code="importing.field_unknown",
            where=field[:100],
            expected=", ".join(template.fields),
            found=field[:100],
        )
        for field in dict.fromkeys((*mapping.columns, *mapping.values, *mapping.group))
        if field not in template.fields
    ]
    if find_zone(mapping.time_zone) is None:
        problems.append(
            Problem(
                code="importing.time_zone_unknown",
                expected="Asia/Shanghai, +08:00",
                found=mapping.time_zone[:100],
            )
        )
    problems += [
        Problem(
            code="importing.value_too_long",
            where=field[:100],
            expected=str(_VALUE_CHARACTERS_MAX),
            found=str(len(value)),
        )
        for field, value in mapping.values.items()
        if len(value) > _VALUE_CHARACTERS_MAX
    ]
    return problems


def default_group(template: Template, mapped: Sequence[str]) -> list[str]:
    """Give the fields by which rows of a template are one event, where they are mapped."""
    wanted = [field for field in _GROUPS.get(template.event, ()) if field in mapped]
    if template.event == "transformation" and not wanted:
        wanted = [f for f in ("output_code", "output_product", "output_lot") if f in mapped]
    return wanted


def _named(field: str) -> dict[str, str]:
    known = fields().get(field)
    if known is None:
        return {"field": field}
    return {"field": known.names["en"], "field_zh": known.names["zh"]}
