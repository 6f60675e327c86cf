"""Keys that stand twice in one object of JSON. 重复的键

JSON leaves open what they mean, and every decoder picks one value in silence, so that two
systems may read two different events in one text. RFC 7493 forbids them, and so do we.
"""

from __future__ import annotations

import json
from typing import Any

__all__ = ["count_members", "repeated_keys"]


def count_members(value: Any) -> int:
    """Count the members of all objects in a value."""
    if type(value) is list:
        return sum([count_members(each) for each in value])
    if type(value) is not dict:
        return 0
    count = len(value)
    for member in value.values():
        if type(member) is not str:
            count += count_members(member)
    return count


class _Members(list[tuple[str, Any]]):
    """The members of an object as they stand in the text."""


def repeated_keys(text: bytes) -> list[tuple[str | int, ...]]:
    """Give the place of every key that repeats an earlier one. Slow: for suspects only."""
    try:
        value = json.loads(text, object_pairs_hook=_Members, parse_float=str, parse_int=str)
    except (ValueError, RecursionError):
        return []  # no JSON, or too deep: said elsewhere
    found: list[tuple[str | int, ...]] = []
    waiting: list[tuple[tuple[str | int, ...], Any]] = [((), value)]
    while waiting:
        at, value = waiting.pop()
        if type(value) is _Members:
            seen: set[str] = set()
            for key, member in value:
                if key in seen:
                    found.append((*at, key))
                seen.add(key)
                waiting.append(((*at, key), member))
        elif type(value) is list:
            waiting.extend(((*at, index), element) for index, element in enumerate(value))
    return found
