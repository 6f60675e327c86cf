"""A locked file keeps others waiting as long as whoever holds it lives, and no longer."""

from __future__ import annotations

import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from suyuan.store import locked

_HOLD = """
import sys, time
from pathlib import Path
from suyuan.store import locked
with locked(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


def test_a_lock_is_waited_for_until_its_holder_is_gone(tmp_path: Path) -> None:
    place = tmp_path / "folder" / "lock"
    command = [sys.executable, "-c", _HOLD, str(place)]
    with (
        ThreadPoolExecutor() as pool,
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as holder,
    ):

        def wanted() -> float:
            with locked(place):
                return time.monotonic()

        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        had = pool.submit(wanted)
        time.sleep(0.3)
        assert not had.done()
        killed = time.monotonic()
        holder.kill()
        assert had.result(20) >= killed


def test_where_nothing_can_be_written_nobody_is_kept_out(tmp_path: Path) -> None:
    (tmp_path / "no folder").write_text("", encoding="utf-8")
    with locked(tmp_path / "no folder" / "lock"):
        assert not (tmp_path / "no folder" / "lock").exists()
