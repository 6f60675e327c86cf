"""Loops that numba compiles, once a machine: what is compiled is kept beside the module."""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypeVar

import numba

__all__ = ["compiled"]

_Parameters = ParamSpec("_Parameters")
_Returned = TypeVar("_Returned")


def compiled(function: Callable[_Parameters, _Returned]) -> Callable[_Parameters, _Returned]:
    """Compile a function of numbers and arrays at its first call, or take it from the cache."""
    made: Callable[_Parameters, _Returned] = numba.njit(cache=True, nogil=True)(function)
    return made
