"""A server's own certificates: a client that trusts the authority alone believes its names."""

from __future__ import annotations

import contextlib
import socket
import ssl
import stat
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from suyuan.errors import InvalidInput
from suyuan.serving import Encryption, helping
from suyuan.settings import Settings
from suyuan.tls import own_authority, own_names, server_certificate

NAMES = ("localhost", "127.0.0.1")


@contextlib.contextmanager
def speaking(encryption: Encryption) -> Iterator[int]:
    """Let a real server speak TLS on loopback, as `suyuan serve` does; give its port."""
    app = Starlette(routes=[Route("/", lambda _: PlainTextResponse("in"))])
    config = uvicorn.Config(app, log_config=None, access_log=False, lifespan="off")
    config.load()
    config.ssl = encryption.context
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as door:
        thread = Thread(target=server.run, kwargs={"sockets": [door]})
        thread.start()
        yield int(door.getsockname()[1])
        server.should_exit = True
        thread.join()


def trusting(data: Path) -> ssl.SSLContext:
    """Give what a device has that trusts the authority of a folder, and nobody else."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(data / "tls" / "ca.crt")
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    return context


def test_a_client_that_trusts_the_authority_alone_believes_the_server(tmp_path: Path) -> None:
    encryption = Encryption(Settings(data=tmp_path, tls=True))
    with speaking(encryption) as port:
        for name in NAMES:
            answer = httpx.get(f"https://{name}:{port}/", verify=trusting(tmp_path))
            assert answer.text == "in"
        with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
            httpx.get(f"https://localhost:{port}/")


def test_keys_are_for_their_owner_alone(tmp_path: Path) -> None:
    server_certificate(tmp_path, NAMES)
    for name in ("ca.key", "server.key"):
        assert stat.S_IMODE((tmp_path / "tls" / name).stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "tls").stat().st_mode) == 0o700


def test_a_certificate_is_kept_until_it_nears_its_end_or_a_name_comes(tmp_path: Path) -> None:
    first = server_certificate(tmp_path, NAMES)
    text = first.chain.read_bytes()
    server_certificate(tmp_path, NAMES[:1])
    assert first.chain.read_bytes() == text
    more = server_certificate(tmp_path, (*NAMES, "10.1.2.3", "plant.lan"))
    assert set(more.names) == {*NAMES, "10.1.2.3", "plant.lan"}
    later = datetime.now(UTC) + timedelta(days=380)
    renewed = server_certificate(tmp_path, more.names, now=later)
    assert renewed.expires > more.expires + timedelta(days=300)


def test_the_authority_stands_for_no_name_outside(tmp_path: Path) -> None:
    server_certificate(tmp_path, NAMES)
    with pytest.raises(InvalidInput) as refused:
        server_certificate(tmp_path, (*NAMES, "bank.example", "203.0.113.9"))
    assert [one.found for one in refused.value.problems] == ["bank.example", "203.0.113.9"]


def test_a_name_that_is_asked_for_first_belongs_to_the_authority(tmp_path: Path) -> None:
    made = server_certificate(tmp_path, own_names("0.0.0.0", ["trace.plant.example"]))
    assert {"trace.plant.example", "localhost", "127.0.0.1"} <= set(made.names)
    assert "0.0.0.0" not in made.names


@pytest.mark.parametrize("wrong", ["a b", "-", "*", "http://x"])
def test_what_is_no_name_is_told(wrong: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        own_names("127.0.0.1", [wrong, "good.lan"])
    assert [(one.code, one.found) for one in refused.value.problems] == [("tls.name_wrong", wrong)]


def test_given_files_are_taken_together_and_checked(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput) as alone:
        Encryption(Settings(data=tmp_path, tls_certificate="x.pem"))
    assert alone.value.code == "tls.key_missing"
    with pytest.raises(InvalidInput) as wrong:
        Encryption(Settings(data=tmp_path, tls_certificate="x.pem", tls_key="y.pem"))
    assert wrong.value.code == "tls.files_wrong"
    made = server_certificate(tmp_path, NAMES)
    given = Settings(data=tmp_path, tls_certificate=str(made.chain), tls_key=str(made.key))
    assert not Encryption(given).is_own


def test_the_listener_without_tls_shows_how_to_trust_and_nothing_else(tmp_path: Path) -> None:
    server_certificate(tmp_path, NAMES)
    with helping(Settings(data=tmp_path), 8443) as port:
        url = f"http://127.0.0.1:{port}"
        page = httpx.get(f"{url}/trust?lang=zh")
        authority = own_authority(tmp_path)
        assert authority is not None
        assert authority.fingerprint in page.text
        assert "<html lang='zh-CN'>" in page.text
        assert "script" not in page.text
        assert "<svg" in page.text
        given = httpx.get(f"{url}/trust/ca.crt")
        assert given.content == authority.der
        assert given.headers["Content-Type"] == "application/x-x509-ca-cert"
        other = httpx.get(f"{url}/api/users")
        assert (other.status_code, other.headers["Location"]) == (302, "https://127.0.0.1:8443/")
