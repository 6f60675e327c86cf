"""Different numbers, fast: sorting whole columns is what a large answer costs. 去重"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from suyuan.trace._columns import Ints, Small
from suyuan.trace._compiled import compiled

__all__ = ["distinct", "distinct_pairs", "is_among", "is_dense", "numbered"]

_FEW = 1_000  # For so many a table, as `np.isin` makes it, takes longer than looking them up.
_DENSE = 16  # Where one number in so many is there, an array for all is quicker than sorting.


def is_dense(count: int, size: int) -> bool:
    """Tell whether so many of all numbers below `size` are worth an array for all of these.

    What a small answer costs must not grow with the record that it is taken from.
    """
    return count * _DENSE > size


def distinct(numbers: Ints) -> Ints:
    """Give the different ones in order.

    For a hundred thousand numbers several times as fast as `np.unique`, which hashes them.
    """
    if len(numbers) < _FEW:
        few: Ints = _distinct_few(np.ascontiguousarray(numbers, np.int64))
        return few
    in_order = np.sort(numbers)
    if not len(in_order):
        return in_order
    is_first = np.ones(len(in_order), bool)
    np.not_equal(in_order[1:], in_order[:-1], out=is_first[1:])
    result: Ints = in_order[is_first]
    return result


@compiled
def _distinct_few(numbers: Ints) -> Ints:
    """Give the different ones in order: for few, a call of numpy takes longer than all of this."""
    found = np.sort(numbers)
    count = 0
    for at in range(len(found)):
        if at == 0 or found[at] != found[at - 1]:
            found[count] = found[at]
            count += 1
    return found[:count].copy()


def distinct_pairs(
    first: npt.NDArray[np.integer], second: npt.NDArray[np.integer]
) -> tuple[Ints, Ints]:
    """Give the different pairs of numbers from 0 up, in order: a column of each."""
    if not len(first):
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    span = int(second.max()) + 1
    pairs = distinct(first.astype(np.int64) * span + second)
    one: Ints = pairs // span
    return one, pairs - one * span


def is_among(numbers: Ints, others: Ints) -> npt.NDArray[np.bool_]:
    """Tell of each number whether it is one of the others, which stand in order."""
    if not len(others):
        return np.zeros(len(numbers), bool)
    if len(numbers) > _FEW:
        return np.isin(numbers, others)
    place = np.searchsorted(others, numbers)
    place[place == len(others)] = 0
    result: npt.NDArray[np.bool_] = others[place] == numbers
    return result


def numbered(numbers: Ints, size: int) -> tuple[Ints, npt.NDArray[np.integer]]:
    """Give the different numbers below `size` in order, and of each number its place there."""
    if not is_dense(len(numbers), size):
        found = distinct(numbers)
        return found, np.searchsorted(found, numbers)
    is_there = np.zeros(size, bool)
    is_there[numbers] = True
    found = np.flatnonzero(is_there)
    place: Small = np.empty(size, np.int32)
    place[found] = np.arange(len(found))
    return found, place[numbers]
