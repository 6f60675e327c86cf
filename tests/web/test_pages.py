"""What the pages weigh, and how they are served."""

from __future__ import annotations

import gzip
import json
import re
import subprocess
from collections.abc import Callable, Iterable, Iterator

import pytest

from suyuan.api.pages import are_built
from suyuan.store import Database
from tests.api.conftest import Server, make_server
from tests.house.source import PACKAGE, REPOSITORY

STATIC = PACKAGE / "api" / "static"
SHELL_BYTES_MAX = 170_000
PAGE_BYTES_MAX = 250_000
PHONE_BYTES_MAX = 130_000

pytestmark = pytest.mark.skipif(not are_built(), reason="scripts/build-pages was not run")


@pytest.fixture(scope="module")
def server(embedded_databases: Callable[[], Database]) -> Iterator[Server]:
    yield from make_server(embedded_databases())


def _needs(manifest: dict[str, dict[str, object]], name: str) -> set[str]:
    """Give the files that a part of the pages is loaded with."""
    part, found = manifest[name], {str(manifest[name]["file"])}
    for other in list(part.get("imports", [])):  # type: ignore[call-overload]
        found |= _needs(manifest, other)
    return found


def _weight(files: Iterable[str]) -> int:
    return sum(len(gzip.compress((STATIC / one).read_bytes())) for one in files)


def _reach(manifest: dict[str, dict[str, object]], entry: str) -> Iterator[str]:
    """Give the parts that an entry leads to, at once or later."""
    ahead, seen = [entry], {entry}
    while ahead:
        name = ahead.pop()
        yield name
        part = manifest[name]
        for other in [*part.get("imports", []), *part.get("dynamicImports", [])]:  # type: ignore[misc]
            if other not in seen:
                seen.add(other)
                ahead.append(other)


def test_pages_weigh_no_more_than_their_budgets() -> None:
    manifest = json.loads((STATIC / "manifest.json").read_text())
    shell = _needs(manifest, "index.html")
    assert _weight(shell) <= SHELL_BYTES_MAX
    for name in _reach(manifest, "index.html"):
        if manifest[name].get("isDynamicEntry"):
            assert _weight(shell | _needs(manifest, name)) <= PAGE_BYTES_MAX, name


def test_the_phone_scans_with_no_more_than_its_budget() -> None:
    manifest = json.loads((STATIC / "manifest.json").read_text())
    files = _needs(manifest, "m.html") | _needs(manifest, "src/phone/decode.ts")
    # The program in WebAssembly is not counted; what starts it is.
    files |= {f"assets/{one.name}" for one in STATIC.glob("assets/decode.worker-*.js")}
    assert any("worker" in one for one in files)
    assert _weight(files) <= PHONE_BYTES_MAX
    for name in _reach(manifest, "m.html"):
        assert _weight(files | _needs(manifest, name)) <= PHONE_BYTES_MAX, name


def test_built_pages_are_up_to_date() -> None:
    script = REPOSITORY / "scripts" / "build-pages"
    assert subprocess.run([script, "fresh"]).returncode == 0, "run: scripts/build-pages"


def test_the_document_is_open_to_strangers_and_lets_nothing_inline_in(server: Server) -> None:
    for path in ("/app", "/app/object/%2801%29952", "/app/trace"):
        answer = server.stranger.get(path)
        assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-cache")
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'self'; script-src 'self'; style-src 'self'" in policy
        assert "unsafe" not in policy
        assert not re.search(r"<style|style=|<script(?![^>]*src=)|\son\w+=", answer.text)


def test_files_are_kept_for_ever_and_lead_nowhere_else(server: Server) -> None:
    document = server.stranger.get("/app").text
    [script] = re.findall(r'src="(/app/assets/[^"]+\.js)"', document)
    answer = server.stranger.get(script)
    assert answer.status_code == 200
    assert "immutable" in answer.headers["Cache-Control"]
    for wrong in ("/app/assets/none.js", "/app/assets/..%2Findex.html", "/app/assets/.x"):
        assert server.stranger.get(wrong).status_code == 404


def test_first_page_leads_to_the_pages(server: Server) -> None:
    assert "<a href='/app'>" in server.stranger.get("/").text
