"""Reading the parameters of one query: each by its reader, all problems kept for the end. 查询解析

What each parameter means stands in `_query_parameters`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, TypeVar

from suyuan.errors import InvalidInput, Problem
from suyuan.journal._query import EventQuery, Order
from suyuan.journal._query_conditions import Condition
from suyuan.journal._query_values import field_name

__all__ = ["Reader", "Reading", "Values", "parameters_from_json"]

_VALUES_MAX = 10_000
_NAME_LENGTH_MAX = 500
_RULE = "EPCIS 2.0, 8.2.7.1"

T = TypeVar("T")
Values = tuple[str, ...]
Reader = Callable[["Reading", Values], Condition | None]
"""Reads the values of one parameter; None where nothing is asked, as by `EXISTS_…=false`."""
FoundReader = tuple[Reader | None, re.Match[str] | None, str]
"""The reader of a parameter, how its name was taken apart, the name that was probably meant."""


def parameters_from_json(query: Mapping[str, Any]) -> dict[str, Values]:
    """Give the parameters of a query written as a JSON object, without its `@context`.

    Raises InvalidInput `query.value_wrong`.
    """
    found: dict[str, Values] = {}
    problems = []
    for name, value in query.items():
        if name == "@context":
            continue
        items = value if isinstance(value, list) else [value]
        texts = [_text_of(item) for item in items]
        if None in texts:
            problems.append(Problem(code="query.value_wrong", where=name[:_NAME_LENGTH_MAX]))
        found[name] = tuple(text for text in texts if text is not None)
    if problems:
        raise InvalidInput(problems)
    return found


def _text_of(value: Any) -> str | None:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case str():
            return value
        case int() | float() | Decimal():
            return str(value)
    return None


class Reading:
    """One query in the making."""

    def __init__(self, namespaces: Mapping[str, str], find: Callable[[str], FoundReader]) -> None:
        self.namespaces = namespaces
        self._find = find
        self.conditions: list[Condition] = []
        self.problems: list[Problem] = []
        self.order_by = ""
        self.direction = ""
        self.event_count_limit: int | None = None
        self.max_event_count: int | None = None
        self.name = ""
        self.match: re.Match[str] | None = None

    def read(self, name: str, values: Values) -> None:
        """Read one parameter; what is wrong with it is kept for the end."""
        self.name = name
        if len(name) > _NAME_LENGTH_MAX or "\x00" in name or any("\x00" in one for one in values):
            self._refuse("query.value_wrong")
            return
        reader, self.match, near = self._find(name)
        if reader is None:
            code = "query.parameter_misspelt" if near else "query.parameter_unknown"
            self._refuse(code, expected=near, found=name)
        elif not values:
            self._refuse("query.value_missing")
        elif len(values) > _VALUES_MAX:
            self._refuse("query.values_too_many", expected=_VALUES_MAX, found=len(values))
        else:
            try:
                condition = reader(self, values)
            except InvalidInput as error:
                self.problems += [self._placed(problem) for problem in error.problems]
            else:
                if condition is not None:
                    self.conditions.append(condition)

    def part(self, name: str) -> str:
        """Give a part of the parameter's name, empty when it is not there."""
        assert self.match is not None
        return self.match[name] or ""

    def _refuse(self, code: str, *, expected: object = "", found: object = "") -> None:
        problem = Problem(code=code, rule=_RULE, expected=str(expected), found=str(found)[:200])
        self.problems.append(self._placed(problem))

    def _placed(self, problem: Problem) -> Problem:
        where = self.name[:100]
        return Problem(
            code=problem.code,
            where=f"{where}, {problem.where}" if problem.where else where,
            rule=problem.rule,
            expected=problem.expected,
            found=problem.found,
            values=problem.values,
        )

    def each(self, values: Values, read: Callable[[str], T]) -> tuple[T, ...]:
        """Read every value; raise everything that is wrong with any of them."""
        found: list[T] = []
        problems: list[Problem] = []
        for value in values:
            try:
                found.append(read(value))
            except InvalidInput as error:
                problems += error.problems
        if problems:
            raise InvalidInput(problems)
        return tuple(found)

    def one(self, values: Values, read: Callable[[str], T]) -> T:
        """Read the only value there may be."""
        if len(values) > 1:
            raise InvalidInput(
                Problem(code="query.values_too_many", expected="1", found=str(len(values)))
            )
        return read(values[0])

    def query(self) -> EventQuery:
        """Put the query together. Raises InvalidInput with all problems."""
        order = self._order()
        limits = (self.event_count_limit, self.max_event_count)
        if None not in limits:
            self.name = "eventCountLimit"
            self._refuse("query.limits_exclusive")
        if self.event_count_limit is not None and not self.order_by:
            self.name = "eventCountLimit"
            self._refuse("query.limit_without_order")
        if self.problems:
            raise InvalidInput(self.problems)
        return EventQuery(tuple(self.conditions), order, *limits)

    def _order(self) -> Order:
        is_descending = bool(self.order_by) and self.direction != "ASC"
        match self.order_by:
            case "":
                return Order()
            case "eventTime":
                return Order("event_time", None, is_descending)
            case "recordTime":
                return Order("record_time", None, is_descending)
            case "quantity":
                return Order("quantity", None, is_descending)
        if ":" not in self.order_by and "#" not in self.order_by:
            self.name = "orderBy"
            self._refuse(
                "query.order_unknown", expected="eventTime, recordTime", found=self.order_by
            )
        return Order("field", field_name(self.order_by, self.namespaces), is_descending)
