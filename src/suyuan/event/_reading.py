"""One event while it is being read: what is known so far, and what is wrong. 读取中的事件"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from suyuan.errors import Problem
from suyuan.event._context import Context
from suyuan.event._model import Action, Limits, Mention, Named
from suyuan.event._text import pointer_part, shown

__all__ = ["SCHEMA", "SHORT", "Check", "Path", "Reading", "repeated"]

SCHEMA = "EPCIS-JSON-Schema.json#/definitions/"

SHORT = 1_000
"""A list of no more elements is below any limit."""

Path = tuple[str | int, ...]
Check = Callable[["Reading", Path, Any], None]


class Reading(msgspec.Struct, eq=False):
    """One event while it is being read: what is known of it so far, and what is wrong.

    `members` counts those of all objects that were looked into, `used` holds the prefixes
    used below the event's own level.
    """

    pointer: str
    problems: list[Problem]
    context: Context
    limits: Limits
    named: list[Named] = []
    detailed: list[Mention] = []
    members: int = 0
    used: set[str] | None = None
    action: Action = Action.NONE
    event_time: int = 0
    business_step: str | None = None
    disposition: str | None = None

    def where(self, at: Path) -> str:
        """Give the JSON Pointer of a place in this event."""
        return self.pointer + "".join(f"/{pointer_part(str(part))}" for part in at)

    def fault(
        self, at: Path, code: str, *, rule: str, expected: str, found: Any, **values: Any
    ) -> None:
        """Add one problem."""
        if len(self.problems) < self.limits.problems_max:
            self.problems.append(
                Problem(
                    code=f"event.{code}",
                    where=self.where(at),
                    rule=rule,
                    expected=expected,
                    found=shown(found),
                    values=values,
                )
            )

    def use(self, prefix: str) -> None:
        """Remember that the event uses a prefix of its context."""
        if self.used is None:
            self.used = set()
        self.used.add(prefix)

    def expanded(self, value: str) -> str:
        """Give the full URI of a text that may be a compact one (`prefix:rest`)."""
        prefix, colon, rest = value.partition(":")
        if colon and prefix in self.context.namespaces and not rest.startswith("//"):
            self.use(prefix)
            return self.context.namespaces[prefix] + rest
        return value

    def wrong_type(self, at: Path, value: Any, expected: str, definition: str) -> None:
        """Add the problem that a value is of the wrong kind."""
        self.fault(at, "value_kind_wrong", rule=SCHEMA + definition, expected=expected, found=value)

    def list_length(self, at: Path, value: list[Any]) -> None:
        """Hold a list to the limit."""
        if len(value) > self.limits.list_length_max:
            self.fault(
                at,
                "list_too_long",
                rule="list_length_max",
                expected=f"at most {self.limits.list_length_max}",
                found=len(value),
            )


def repeated(reading: Reading, at: Path, value: list[Any], definition: str) -> None:
    """Add a problem for each element that stands in a list a second time."""
    seen: set[Any] = set()
    for index, element in enumerate(value):
        if type(element) is not str:
            continue
        if element in seen:
            reading.fault(
                (*at, index),
                "element_repeated",
                rule=SCHEMA + definition,
                expected="each element once",
                found=element,
            )
        seen.add(element)
