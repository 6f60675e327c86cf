"""TLS of `suyuan serve`: given files or our own authority, renewed while it runs. 加密连接"""

from __future__ import annotations

import contextlib
import socket
import ssl
from collections.abc import Iterator
from threading import Event, Thread

import structlog
import uvicorn

from suyuan.api import help_app
from suyuan.errors import InvalidInput, Language, Problem, SuyuanError
from suyuan.settings import Settings
from suyuan.tls import own_authority, own_names, server_certificate

__all__ = ["Encryption", "helping", "is_encrypted"]

_log = structlog.get_logger()
_LOOKED_AFTER_S = 6 * 3600.0


def is_encrypted(settings: Settings) -> bool:
    """Tell whether the server is to speak TLS."""
    return settings.tls or bool(settings.tls_certificate or settings.tls_key)


class Encryption:
    """The certificate of a server, kept fresh as long as it runs."""

    def __init__(self, settings: Settings) -> None:
        """Make ready; raises InvalidInput `tls.key_missing`, `tls.files_wrong`, `tls.name_…`."""
        self._settings = settings
        self._wanted = [one for one in settings.tls_names.split(",") if one.strip()]
        self.is_own = not (settings.tls_certificate or settings.tls_key)
        if not self.is_own and not (settings.tls_certificate and settings.tls_key):
            raise InvalidInput(Problem(code="tls.key_missing"))
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.minimum_version = ssl.TLSVersion.TLSv1_2
        self.context.set_alpn_protocols(["http/1.1"])
        self.names: tuple[str, ...] = ()
        self._load()

    def _load(self) -> None:
        """Take the certificate of now; connections that are open keep theirs."""
        settings = self._settings
        chain, key = settings.tls_certificate, settings.tls_key
        if self.is_own:
            self.names = own_names(settings.host, self._wanted)
            made = server_certificate(settings.data, self.names)
            chain, key = str(made.chain), str(made.key)
        try:
            self.context.load_cert_chain(chain, key)
        except (OSError, ssl.SSLError) as error:
            raise InvalidInput(
                Problem(code="tls.files_wrong", where=chain, found=str(error))
            ) from error

    def told(self, language: Language) -> str:
        """Say what whoever sits at the console has to compare; empty for given files."""
        authority = own_authority(self._settings.data) if self.is_own else None
        if authority is None:
            return ""
        title = "证书颁发机构的 SHA-256 指纹：" if language == "zh" else "fingerprint of our CA: "
        return title + authority.fingerprint

    @contextlib.contextmanager
    def kept_fresh(self) -> Iterator[None]:
        """Look after the certificate now and then: files may be new, names may have come."""
        over = Event()

        def look() -> None:
            while not over.wait(_LOOKED_AFTER_S):
                try:
                    self._load()
                except SuyuanError as error:  # The old one serves on; the log says why.
                    _log.warning("the certificate was not renewed", error=error.text())

        Thread(target=look, name="certificate", daemon=True).start()
        try:
            yield
        finally:
            over.set()


@contextlib.contextmanager
def helping(settings: Settings, port: int) -> Iterator[int]:
    """Let a small listener without TLS show how to trust; give its port.

    Raises OSError when its port is taken.
    """
    with socket.create_server((settings.host, settings.tls_help_port)) as door:
        config = uvicorn.Config(
            help_app(settings.data, port),
            log_config=None,
            access_log=False,
            server_header=False,
            limit_concurrency=100,
            timeout_keep_alive=2,
            lifespan="off",
        )
        server = uvicorn.Server(config)
        thread = Thread(target=server.run, kwargs={"sockets": [door]}, daemon=True)
        thread.start()
        try:
            yield int(door.getsockname()[1])
        finally:
            server.should_exit = True
            thread.join(timeout=5)
