"""One process at a time, where several do what only one need do. 进程锁"""

from __future__ import annotations

import contextlib
import fcntl
from collections.abc import Iterator
from pathlib import Path

__all__ = ["locked"]


@contextlib.contextmanager
def locked(place: Path) -> Iterator[None]:
    """Hold a file locked until the block ends; whoever else wants it waits so long.

    The lock dies with its process. Where nothing can be written nobody is kept out: this is to
    spare work, and not to guard what must not be done twice.
    """
    try:
        place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = place.open("w")
    except OSError:
        yield
        return
    with lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
