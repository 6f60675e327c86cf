"""Periods that suspects share: all were pasteurised on one afternoon, and few others. 共同时段

For each business step the period is looked for that tells suspects from the rest best: of all
that begin and end at a suspect's time, the one whose share of suspects is the least likely to
be chance. Who looks at many periods finds a good one by chance, so the chance is multiplied by
how many were looked at (Bonferroni).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from suyuan.trace._chance import chance_of
from suyuan.trace._columns import Ints
from suyuan.trace._stays import FOREVER

__all__ = ["Window", "best_window"]

_EDGES_MAX = 64  # Of more times that a period may begin at, so many are tried, evenly spread.


class Window(NamedTuple):
    """A period, how many suspects and others have a time in it, and the chance of that."""

    first: int
    last: int
    hits: int
    misses: int
    chance: float


def best_window(
    subjects: Ints, times: Ints, is_suspect: npt.NDArray[np.bool_], suspects: int, others: int
) -> Window | None:
    """Find the period that tells suspects from the rest best; None where none has two suspects.

    One row for each time of a subject; `is_suspect` tells of each row whose it is.
    """
    order = np.lexsort((times, subjects))
    subjects, times, is_suspect = subjects[order], times[order], is_suspect[order]
    owners, starts = np.unique(subjects, return_index=True)
    owner_of = np.repeat(np.arange(len(owners)), np.diff(np.append(starts, len(subjects))))
    is_suspected = is_suspect[starts]
    edges = _spread_out(np.unique(times[is_suspect]))
    best: Window | None = None
    tried = 0
    for begin in edges:
        firsts = np.full(len(owners), FOREVER)
        is_later = times >= begin
        np.minimum.at(firsts, owner_of[is_later], times[is_later])
        inside = np.sort(firsts[is_suspected])
        outside = np.sort(firsts[~is_suspected])
        ends = edges[edges >= begin]
        hits = np.searchsorted(inside, ends, "right")
        misses = np.searchsorted(outside, ends, "right")
        tried += len(ends)
        for end, hit, miss in zip(ends, hits.tolist(), misses.tolist(), strict=True):
            # Of two periods with as many suspects, the one with fewer others is better.
            if hit < 2 or (best is not None and hit <= best.hits and miss >= best.misses):
                continue
            chance = chance_of(hit, miss, suspects, others)
            if best is None or chance < best.chance:
                best = Window(int(begin), int(end), hit, miss, chance)
    return None if best is None else best._replace(chance=min(1.0, best.chance * tried))


def _spread_out(times: Ints) -> Ints:
    if len(times) <= _EDGES_MAX:
        return times
    places = np.unique(np.linspace(0, len(times) - 1, _EDGES_MAX).astype(int))
    chosen: Ints = times[places]
    return chosen
