"""Loops that numba compiles, once a machine: what is compiled is kept beside the modules.

It is kept by what all modules here say: numba looks only at the file of a function itself, so
that a change in what the function calls, or in a type that it takes, would go unnoticed.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import numba

__all__ = ["compiled", "inlined"]

_Parameters = ParamSpec("_Parameters")
_Returned = TypeVar("_Returned")


def compiled(function: Callable[_Parameters, _Returned]) -> Callable[_Parameters, _Returned]:
    """Compile a function of numbers and arrays at its first call, or take it from the cache."""
    made: Callable[_Parameters, _Returned] = numba.njit(cache=_IS_KEPT, nogil=True)(function)
    return made


def inlined(function: Callable[_Parameters, _Returned]) -> Callable[_Parameters, _Returned]:
    """Have a small function compiled as a part of its callers.

    A call hands on every array of a tuple on its own, which costs more than most of the rest.
    """
    made: Callable[_Parameters, _Returned] = numba.njit(inline="always", nogil=True)(function)
    return made


def _keep_by_sources() -> bool:
    """Have numba keep what it compiles in a folder of its own for these very sources.

    Where `NUMBA_CACHE_DIR` says another place, that one is taken as it is; where no folder can
    be written, nothing is kept. Tell whether anything is.
    """
    config: Any = numba.config  # It makes its names as it is loaded.
    if config.CACHE_DIR:
        return True
    here = Path(__file__).parent
    texts = (path.read_bytes() for path in sorted(here.glob("*.py")))
    digest = sha256(b"".join(text for text in texts if b"@compiled" in text)).hexdigest()
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    for place in (here / "__pycache__", home / "suyuan"):
        folder = place / f"compiled-{digest[:16]}"
        with contextlib.suppress(OSError):
            folder.mkdir(parents=True, exist_ok=True)
            if os.access(folder, os.W_OK):
                for before in set(place.glob("compiled-*")) - {folder}:
                    shutil.rmtree(before, ignore_errors=True)
                config.CACHE_DIR = str(folder)
                return True
    return False


_IS_KEPT = _keep_by_sources()
