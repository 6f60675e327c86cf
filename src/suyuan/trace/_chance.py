"""How surprising it is that so many suspects share something: Fisher's exact test. 显著性

Of `suspects` suspects and `others` objects to compare with, something stands behind `hits`
and `misses`. If it had nothing to do with the suspicion, those it stands behind would be drawn
by lot from all: the chance of finding at least `hits` suspects among them is the upper tail of
the hypergeometric distribution. What stands behind everything has the chance 1.
"""

from __future__ import annotations

import math
from functools import cache

import numpy as np
import numpy.typing as npt

__all__ = ["chance_of", "lift_of"]

_Floats = npt.NDArray[np.float64]


def chance_of(hits: int, misses: int, suspects: int, others: int) -> float:
    """Give the chance that so many suspects, or more, share something for no reason.

    It is 0 where it is below what a float can say.
    """
    drawn, every = hits + misses, suspects + others
    logs = _log_factorials(1 << every.bit_length())
    more = np.arange(hits, min(drawn, suspects) + 1)
    terms = logs[suspects] - logs[more] - logs[suspects - more] + logs[others]
    terms -= logs[drawn - more] + logs[others - drawn + more]
    whole = logs[every] - logs[drawn] - logs[every - drawn]
    # The surest term is taken out, so that the others are added without loss.
    most = float(terms.max())
    total = math.log(float(np.exp(terms - most).sum())) + most - float(whole)
    return min(1.0, math.exp(total))


@cache
def _log_factorials(count: int) -> _Floats:
    """Give the logarithms of the factorials of all numbers below one."""
    logs = np.zeros(count)
    np.cumsum(np.log(np.arange(1, count)), out=logs[1:])
    return logs


def lift_of(hits: int, misses: int, suspects: int, others: int) -> float:
    """Give how many times as often something stands behind suspects as behind the rest.

    Half an object is added on either side, so that nothing is divided by nothing.
    """
    return (hits + 0.5) / (suspects + 1) * (others + 1) / (misses + 0.5)
