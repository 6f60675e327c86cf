"""Pieces of SQL that queries are put together from, and what goes into them. 查询片段"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

from psycopg import sql

from suyuan.errors import InvalidInput
from suyuan.identifier import canonical_uri
from suyuan.journal._query_conditions import Operator
from suyuan.quantity import find_unit, units_like

__all__ = [
    "BODY",
    "NUMBER",
    "canonical",
    "fixed_part",
    "is_plain",
    "operator_sql",
    "quantities",
    "thresholds",
]

_SQL = sql.SQL
_QUANTITY_LISTS = "quantityList", "childQuantityList", "inputQuantityList", "outputQuantityList"

# Numbers are numbers in JSON; what came by XML may be their text.
NUMBER = _SQL(
    "CASE WHEN jsonb_typeof({value}) = 'number' THEN ({value} #>> '{{}}')::numeric "
    "ELSE epcis.as_number({value} #>> '{{}}') END"
)
BODY = _SQL("CROSS JOIN LATERAL (SELECT event.body::jsonb AS document OFFSET 0) AS body ")


def is_plain(text: str) -> bool:
    """Tell whether a text stands in JSON as it is."""
    return text.isprintable() and not set(text) & {'"', "\\"}


def canonical(text: str) -> str:
    """Give the canonical URI of an identifier; a text that is none stays as it is."""
    try:
        return str(canonical_uri(text))
    except InvalidInput:
        return text


def operator_sql(operator: Operator) -> sql.SQL:
    """Give an operator as SQL writes it."""
    return {
        Operator.EQ: _SQL("="),
        Operator.GT: _SQL(">"),
        Operator.GE: _SQL(">="),
        Operator.LT: _SQL("<"),
        Operator.LE: _SQL("<="),
    }[operator]


def fixed_part(pattern: str) -> str:
    """Give what every text that is LIKE the pattern begins with."""
    fixed = []
    characters = iter(pattern)
    for character in characters:
        if character in "%_":
            break
        fixed.append(next(characters, "") if character == "\\" else character)
    return "".join(fixed)


def quantities() -> sql.Composable:
    """Give all quantity elements of an event, as `element`."""
    return _SQL("({lists}) AS found").format(
        lists=_SQL(" UNION ALL ").join(
            _SQL("SELECT jsonb_path_query(body.document, {path}) AS element").format(
                path=sql.Literal(f'$."{name}"[*]')
            )
            for name in _QUANTITY_LISTS
        )
    )


def thresholds(
    wanted: Sequence[Decimal], uom: str, *, is_difference: bool
) -> list[tuple[str, Fraction]]:
    """Give what a value in each unit of the dimension is compared with, exactly."""
    asked = find_unit(uom)
    return [
        (
            unit.code,
            (
                Fraction(value) * asked.factor
                + (Fraction(0) if is_difference else asked.offset - unit.offset)
            )
            / unit.factor,
        )
        for unit in units_like(uom)
        for value in wanted
    ]
