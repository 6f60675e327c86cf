"""PostgreSQL servers for tests: the embedded one, and one of the distribution's own."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

from suyuan.store import EmbeddedServer

__all__ = ["DistributionServer", "EmbeddedServer", "in_memory"]

_MEMORY = Path("/dev/shm")
_BYTES_MIN = 8 << 30


def in_memory() -> str | None:
    """Give a folder in memory where there is plenty: databases are made there in a quarter of the
    time. Otherwise None, the usual place for what is temporary.
    """
    is_roomy = _MEMORY.is_dir() and shutil.disk_usage(_MEMORY).free >= _BYTES_MIN
    return str(_MEMORY) if is_roomy and os.access(_MEMORY, os.W_OK) else None


class DistributionServer:
    """A server of the Linux distribution (PostgreSQL 15 or newer) in a temporary folder."""

    def __init__(self) -> None:
        found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), reverse=True)
        if not found:
            pytest.skip("no PostgreSQL of the distribution is installed (apt install postgresql)")
        self._binaries = found[0].parent
        self._account = pwd.getpwnam("postgres") if os.geteuid() == 0 else None
        # A short path: the socket's must stay below 108 bytes.
        self.folder = Path(tempfile.mkdtemp(prefix="suyuan-pg-", dir=in_memory()))
        if self._account is not None:
            os.chown(self.folder, self._account.pw_uid, self._account.pw_gid)

    def open(self) -> str:
        """Make and start it; give the connection string of its superuser."""
        cluster = self.folder / "cluster"
        self._run("initdb", "-D", str(cluster), "-U", "postgres", "-E", "UTF8", "-A", "trust", "-N")
        options = f"-c listen_addresses='' -k {self.folder} -c fsync=off -c max_connections=200"
        log = str(self.folder / "log")
        self._run("pg_ctl", "-D", str(cluster), "-w", "-s", "-l", log, "-o", options, "start")
        return self.connection_string("postgres")

    def connection_string(self, database: str = "suyuan") -> str:
        """Give the connection string to a database of this server."""
        return f"host={self.folder} user=postgres dbname={database}"

    def close(self) -> None:
        """Stop it and leave nothing behind."""
        self._run("pg_ctl", "-D", str(self.folder / "cluster"), "-m", "immediate", "-s", "stop")
        shutil.rmtree(self.folder)

    def _run(self, program: str, *arguments: str) -> None:
        subprocess.run(
            [self._binaries / program, *arguments],
            check=True,
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            user=self._account.pw_uid if self._account else None,
            group=self._account.pw_gid if self._account else None,
            extra_groups=[] if self._account else None,
        )
