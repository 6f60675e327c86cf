"""Different numbers, fast: sorting whole columns is what a large picture costs. 去重"""

from __future__ import annotations

import numpy as np

from suyuan.trace._columns import Ints

__all__ = ["distinct"]


def distinct(numbers: Ints) -> Ints:
    """Give the different ones in order.

    For a hundred thousand numbers several times as fast as `np.unique`, which hashes them.
    """
    in_order = np.sort(numbers)
    if not len(in_order):
        return in_order
    is_first = np.ones(len(in_order), bool)
    np.not_equal(in_order[1:], in_order[:-1], out=is_first[1:])
    result: Ints = in_order[is_first]
    return result
