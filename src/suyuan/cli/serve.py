"""`suyuan serve`: the server, its embedded database and its log keeper in one process. 服务"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import json
import multiprocessing
import os
import shutil
import signal
import socket
from collections.abc import Callable, Iterator
from multiprocessing.forkserver import ensure_running
from pathlib import Path
from typing import IO, TYPE_CHECKING, Annotated, Any

import typer

from suyuan.account import count_api_keys, make_api_key, make_demo_link, make_first_link
from suyuan.cli._terminal import (
    DataOption,
    LanguageOption,
    Record,
    default_origin,
    language_of,
    open_record,
    output,
    say,
)
from suyuan.cli.demo import load_demo
from suyuan.errors import Language, Problem, Refused, Unavailable
from suyuan.journal import LogKeeper
from suyuan.settings import Settings, load_settings, processes_wanted
from suyuan.store import ServerWatch

if TYPE_CHECKING:
    from suyuan.serving import Encryption

__all__ = ["serve_command"]

_EXIT_IN_USE = 3
_PORT_TRIES = 20
_LOADED_AHEAD = ["suyuan.cli", "suyuan.serving"]


_ProcessesOption = Annotated[
    int | None,
    typer.Option(
        help="Processes that answer [one a core, at most 4].",
        metavar="NUMBER",
        show_default=False,
    ),
]
_TlsOption = Annotated[
    bool, typer.Option("--tls", help="Speak TLS, with certificates of our own authority.")
]
_TlsNameOption = Annotated[
    list[str] | None,
    typer.Option(
        help="One more name or address for the certificate; several times.",
        metavar="NAME",
        show_default=False,
    ),
]
_TlsCertificateOption = Annotated[
    Path | None,
    typer.Option(help="Speak TLS with this chain, in PEM.", metavar="FILE", show_default=False),
]
_TlsKeyOption = Annotated[
    Path | None,
    typer.Option(help="Key of that certificate, in PEM.", metavar="FILE", show_default=False),
]
_TlsHelpPortOption = Annotated[
    int | None,
    typer.Option(
        help="Port without TLS that shows devices how to trust, and no more.",
        metavar="NUMBER",
        show_default=False,
    ),
]


def serve_command(
    demo: Annotated[
        bool, typer.Option("--demo", help="Fill an empty record with the demo dairy first.")
    ] = False,
    host: Annotated[
        str | None,
        typer.Option(
            help="Address to listen on [127.0.0.1].", metavar="ADDRESS", show_default=False
        ),
    ] = None,
    port: Annotated[
        int | None,
        typer.Option(
            help="Port to listen on [8000, or the next free one].",
            metavar="NUMBER",
            show_default=False,
        ),
    ] = None,
    processes: _ProcessesOption = None,
    tls: _TlsOption = False,
    tls_name: _TlsNameOption = None,
    tls_certificate: _TlsCertificateOption = None,
    tls_key: _TlsKeyOption = None,
    tls_help_port: _TlsHelpPortOption = None,
    data: DataOption = None,
    lang: LanguageOption = None,
) -> None:
    """Start the server; the first start makes the database and an API key.

    Exit 3 when the data folder is served already.
    """
    language = language_of(lang)
    chosen: dict[str, Any] = {
        "host": host,
        "port": port,
        "processes": processes,
        "tls": tls or None,
        "tls_names": ",".join(tls_name) if tls_name else None,
        "tls_certificate": str(tls_certificate) if tls_certificate else None,
        "tls_key": str(tls_key) if tls_key else None,
        "tls_help_port": tls_help_port,
    }
    settings = load_settings(data=data, **chosen)
    signal.signal(signal.SIGTERM, _stop)
    try:
        with _held(settings.data) as lock, _listening(settings, is_fixed=port is not None) as door:
            count = processes_wanted(settings)
            if count > 1:
                _load_ahead(settings.data)
            _open(lock, door, settings, chosen, processes=count, demo=demo, language=language)
    except Refused as error:
        if error.code != "store.folder_in_use":
            raise
        output.print(error.text(language), markup=False, style="red")
        raise typer.Exit(_EXIT_IN_USE) from error


def _open(
    lock: IO[str],
    door: socket.socket,
    settings: Settings,
    chosen: dict[str, Any],
    *,
    processes: int,
    demo: bool,
    language: Language,
) -> None:
    """Open the record, and serve it."""
    # Slow to load, and other commands do without.
    from suyuan.serving import Encryption, is_encrypted

    encryption = Encryption(settings) if is_encrypted(settings) else None
    scheme = "https" if encryption else "http"
    url = f"{scheme}://{settings.host}:{door.getsockname()[1]}/"
    _sign(lock, url)
    say("starting the database …", "正在启动数据库……", language)
    with open_record(settings.data, "default", **chosen) as record:
        if demo:
            load_demo(record, language=language)
        _show_first_key(record, url, language)
        _show_first_link(record, url, demo=demo, language=language)
        with contextlib.ExitStack() as stack:
            keeper = _keeper(record)
            stack.enter_context(keeper)
            if record.database.server is not None:
                stack.enter_context(ServerWatch(record.database.server))
            if encryption is not None:
                _tell_of_trust(stack, settings, encryption, door.getsockname()[1], language)
            if processes == 1:
                answering = _answer(record, door, keeper, encryption, demo=demo)
            else:
                answering = _let_answer(record, door, keeper, processes, demo=demo)
            with answering as run:
                say(f"Suyuan is ready: {url}", f"溯源已就绪：{url}", language)
                try:
                    run()
                finally:  # Once it has stopped, uvicorn raises again the signal that stopped it.
                    say("stopping …", "正在停止……", language)


def _load_ahead(data: Path) -> None:
    """Load what the processes that answer need, in one they are all made from, while we go on.

    They count requests together, in files of one folder, which has to be known before anything
    that counts is loaded.
    """
    folder = data / "metrics"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700, exist_ok=True)
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)
    multiprocessing.get_context("forkserver").set_forkserver_preload(_LOADED_AHEAD)
    ensure_running()


def _keeper(record: Record) -> LogKeeper:
    settings = record.settings
    return LogKeeper(
        record.database,
        settings.data,
        origin_of=lambda tenant: settings.log_origin or default_origin(tenant),
        period_s=settings.checkpoint_period_s,
    )


@contextlib.contextmanager
def _answer(
    record: Record,
    door: socket.socket,
    keeper: LogKeeper,
    encryption: Encryption | None,
    *,
    demo: bool,
) -> Iterator[Callable[[], None]]:
    """Let this process answer, and do all the rest too; gives what runs it."""
    from suyuan.api import create_app
    from suyuan.serving import Server, config_of

    app = create_app(record.database, record.settings, keeper=keeper, demo=demo, is_alone=True)
    with encryption.kept_fresh() if encryption else contextlib.nullcontext():
        server = Server(config_of(app, encryption), app)
        yield lambda: server.run(sockets=[door])


@contextlib.contextmanager
def _let_answer(
    record: Record,
    door: socket.socket,
    keeper: LogKeeper,
    count: int,
    *,
    demo: bool,
) -> Iterator[Callable[[], None]]:
    """Let other processes answer; gives what looks after them."""
    from suyuan.serving import Processes

    signal.signal(signal.SIGINT, _stop)  # Which reaches the others too, from a terminal.
    processes = Processes(count, record.database, record.settings, door, keeper=keeper, demo=demo)
    with processes.answering():
        yield processes.run


def _stop(number: int, _: object) -> None:
    """Leave by way of all that has to be closed, the embedded database among it."""
    raise SystemExit(128 + number)


def _tell_of_trust(
    stack: contextlib.ExitStack,
    settings: Settings,
    encryption: Encryption,
    port: int,
    language: Language,
) -> None:
    """Say where devices come to trust the certificate, and what to compare."""
    from suyuan.serving import helping

    if told := encryption.told(language):
        output.print(told, markup=False, highlight=False)
    if settings.tls_help_port and encryption.is_own:
        try:
            helping_port = stack.enter_context(helping(settings, port))
        except OSError as error:
            raise Refused(
                Problem(
                    code="cli.address_unusable",
                    where=f"{settings.host}:{settings.tls_help_port}",
                    found=os.strerror(error.errno) if error.errno else str(error),
                )
            ) from error
        address = f"http://{settings.host}:{helping_port}/trust"
        say(f"how devices trust it: {address}", f"设备如何信任：{address}", language)


def _show_first_key(record: Record, url: str, language: Language) -> None:
    """Make the first API key at the first start, and show it this once."""
    if count_api_keys(record.database, record.tenant_id):
        return
    key = make_api_key(record.database, record.tenant_id, name="first start")
    say(
        f"API key, shown this once: {key.secret}\n"
        f"  curl -H 'Authorization: Bearer {key.secret}' '{url}epcis/events?perPage=3'",
        f"接口密钥（仅显示这一次）：{key.secret}\n"
        f"  curl -H 'Authorization: Bearer {key.secret}' '{url}epcis/events?perPage=3'",
        language,
    )


def _show_first_link(record: Record, url: str, *, demo: bool, language: Language) -> None:
    """Show a link to become administrator as long as nobody is; a demo's signs in at once."""
    database, tenant_id = record.database, record.tenant_id
    if demo:
        link = make_demo_link(database, tenant_id, language)
    else:
        link = make_first_link(database, tenant_id)
    if link is None:
        return
    address = (record.settings.base_url or url).rstrip("/") + link.path
    say(
        f"sign in to the demo, opens once: {address}"
        if demo
        else f"become the administrator, opens once: {address}",
        f"登录演示工厂（链接只能使用一次）：{address}"
        if demo
        else f"成为管理员（链接只能使用一次）：{address}",
        language,
    )


@contextlib.contextmanager
def _held(data: Path) -> Iterator[IO[str]]:
    """Hold the data folder, or say who does. The lock dies with us, whatever kills us."""
    try:
        data.mkdir(parents=True, exist_ok=True)
        page = (data / "serve.lock").open("a+")
    except OSError as error:
        raise Unavailable(
            Problem(code="store.folder_unusable", where=str(data), found=str(error))
        ) from error
    with page as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            lock.seek(0)
            english, chinese = _holder(lock.read())
            raise Refused(
                Problem(
                    code="store.folder_in_use",
                    where=str(data),
                    found=english,
                    values={"found_zh": chinese},
                )
            ) from error
        yield lock
        lock.truncate(0)


def _holder(text: str) -> tuple[str, str]:
    """Say who holds the folder, in English and in Chinese."""
    try:
        known: dict[str, Any] = json.loads(text)
    except ValueError:
        return "?", "?"
    url, process, host = known["url"], known["pid"], known["host"]
    return f"{url} (process {process} on {host})", f"{url}（{host} 上的进程 {process}）"


def _sign(lock: IO[str], url: str) -> None:
    lock.truncate(0)
    json.dump({"pid": os.getpid(), "host": socket.gethostname(), "url": url}, lock)
    lock.flush()


@contextlib.contextmanager
def _listening(settings: Settings, *, is_fixed: bool) -> Iterator[socket.socket]:
    """Open the door before anything slow, so that a taken port is told at once."""
    with _door(settings, is_fixed=is_fixed) as door:
        yield door


def _door(settings: Settings, *, is_fixed: bool) -> socket.socket:
    tries = 1 if is_fixed else _PORT_TRIES
    for port in range(settings.port, settings.port + tries):
        try:
            return socket.create_server((settings.host, port), backlog=512)
        except OSError as error:
            if error.errno == errno.EADDRINUSE and port < settings.port + tries - 1:
                continue
            raise Refused(
                Problem(
                    code="cli.address_unusable",
                    where=f"{settings.host}:{port}",
                    found=os.strerror(error.errno) if error.errno else str(error),
                )
            ) from error
    raise AssertionError("no port was tried")
