"""What is wrong with a code, and at which character. 错误位置"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from suyuan.errors import InvalidInput, Problem
from suyuan.identifier._characters import raw_places

__all__ = ["Fault", "Span", "invalid", "placed", "shifted"]


class Span(NamedTuple):
    """A piece of a code as it was written, and where it starts."""

    text: str
    start: int


class Fault(NamedTuple):
    """One thing that is wrong, at one character (counted from 0) of the code."""

    at: int
    code: str
    rule: str = ""
    expected: str = ""
    found: str = ""
    name: str = ""

    def moved(self, offset: int) -> Fault:
        """Give the same fault for a text in which this one starts at an offset."""
        return self._replace(at=self.at + offset)

    def problem(self) -> Problem:
        """Say it as a problem; people count characters from 1."""
        return Problem(
            code=f"identifier.{self.code}",
            where=f"position {self.at + 1}",
            rule=self.rule,
            expected=self.expected,
            found=self.found,
            values={"position": self.at + 1, "name": self.name},
        )


def invalid(faults: list[Fault]) -> InvalidInput:
    """Give the error that carries all of these faults, in the order of their positions."""
    return InvalidInput(fault.problem() for fault in sorted(faults, key=lambda f: f.at))


def shifted(error: InvalidInput, offset: int) -> InvalidInput:
    """Give the same error for a code in which the faulty text starts at an offset."""
    problems = []
    for problem in error.problems:
        position = max(1, problem.values["position"] + offset)
        values = {**problem.values, "position": position}
        problems.append(replace(problem, where=f"position {position}", values=values))
    return InvalidInput(problems)


def placed(fault: Fault, spans: Sequence[Span]) -> Fault:
    """Move a fault from its index in a value to its index in the code.

    The value was put together from these spans, with their escapes undone.
    """
    left = fault.at
    for span in spans:
        places = raw_places(span.text)
        if left < len(places):
            return fault._replace(at=span.start + places[left])
        left -= len(places)
    last = spans[-1]
    return fault._replace(at=last.start + len(last.text))
