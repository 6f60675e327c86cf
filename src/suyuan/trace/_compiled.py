"""Loops that numba compiles, once a machine: what is compiled is kept beside the modules.

It is kept by what all modules here say: numba looks only at the file of a function itself, so
that a change in what the function calls, or in a type that it takes, would go unnoticed.
"""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import numba

__all__ = ["compiled"]

_Parameters = ParamSpec("_Parameters")
_Returned = TypeVar("_Returned")


def compiled(function: Callable[_Parameters, _Returned]) -> Callable[_Parameters, _Returned]:
    """Compile a function of numbers and arrays at its first call, or take it from the cache."""
    made: Callable[_Parameters, _Returned] = numba.njit(cache=True, nogil=True)(function)
    return made


def _keep_by_sources() -> None:
    """Have numba keep what it compiles in a folder of its own for these very sources.

    Where `NUMBA_CACHE_DIR` says another place, that one is taken as it is.
    """
    config: Any = numba.config  # It makes its names as it is loaded.
    if config.CACHE_DIR:
        return
    here = Path(__file__).parent
    texts = (path.read_bytes() for path in sorted(here.glob("*.py")))
    digest = sha256(b"".join(text for text in texts if b"@compiled" in text)).hexdigest()
    config.CACHE_DIR = str(here / "__pycache__" / f"compiled-{digest[:16]}")


_keep_by_sources()
