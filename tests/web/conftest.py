"""A server with the demo dairy, and Debian's Chromium looking at it."""

from __future__ import annotations

import contextlib
import json
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    Error,
    Page,
    Request,
    expect,
    sync_playwright,
)

from suyuan.account import RoleGrant
from suyuan.api.pages import are_built
from suyuan.cli._terminal import Record
from suyuan.cli.demo import load_demo
from suyuan.settings import Settings
from tests.api.conftest import Server, make_server
from tests.api.people import make_user
from tests.conftest import MakeDatabase

SESSION_COOKIE = "suyuan_session"

SIZES = ((1440, 900), (1920, 1080), (390, 844))
_PATIENCE_S = 30
_QUIET_TIMES = 3
_QUIET_MS = 50
AXE = Path(__file__).parents[2] / "web" / "node_modules" / "axe-core" / "axe.min.js"


# Every key at once: through the driver a busy machine would type at the speed of a person.
_SCANNER = """code => {
  for (const key of [...code, 'Enter']) {
    const how = {key, bubbles: true, cancelable: true}
    ;(document.activeElement ?? document.body).dispatchEvent(new KeyboardEvent('keydown', how))
  }
}"""


# Answered when the page has time for it: whether something moves that will come to an end.
_MOVES = """() => document.getAnimations().some(one => one.playState === 'running' &&
  Number.isFinite(one.effect.getComputedTiming().endTime))"""
_GO = """path => {
  history.pushState(history.state, '', path)
  dispatchEvent(new PopStateEvent('popstate', {state: history.state}))
}"""


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Give the browser; each test opens windows of its own in it."""
    program = shutil.which("chromium")
    if program is None:
        pytest.skip("needs Chromium; on Debian: apt install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=program,
            args=[
                "--no-sandbox",
                "--disable-gpu",
                "--disable-software-rasterizer",
                "--in-process-gpu",
            ],
        )
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def recorded_dairy(
    embedded_databases: MakeDatabase, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """Record the demo dairy once, in the database `dairy` and the folder that is given."""
    settings = Settings(data=tmp_path_factory.mktemp("recorded"))
    with embedded_databases(name="dairy") as database:
        tenant_id = database.make_tenant("default")
        load_demo(Record(settings, database, tenant_id, "default"), language="en")
    return settings.data


@pytest.fixture(scope="module")
def dairy(
    embedded_databases: MakeDatabase,
    recorded_dairy: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Server]:
    """Give a server that has recorded the demo dairy."""
    if not are_built():
        pytest.skip("the pages are not built; scripts/build-pages builds them")
    data = tmp_path_factory.mktemp("dairy")
    shutil.copytree(recorded_dairy, data, dirs_exist_ok=True)
    for server in make_server(embedded_databases("dairy"), data=data, requests_per_minute=0):
        # Where no loop was compiled before, the first question waits for that.
        some = next(iter(story_codes(server).values()))
        server.client.get("/api/track_forward", params={"code": some}, timeout=300)
        yield server


@pytest.fixture(scope="module")
def reader(dairy: Server) -> str:
    """Give the token of somebody who may read everything, and is signed in."""
    return make_user(dairy, "reader", RoleGrant(role="viewer"))


expect.set_options(timeout=15_000)  # Two browsers and two servers share two cores.


@dataclass
class Window:
    """One window of a reader, and all that went wrong in it."""

    page: Page
    url: str
    troubles: list[str] = field(default_factory=list)
    _under_way: set[Request] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.page.on("request", self._begin)
        for ending in ("requestfinished", "requestfailed"):
            self.page.on(ending, self._end)

    def _begin(self, request: Request) -> None:
        if not request.url.endswith("/api/live"):  # That one lasts as long as the window.
            self._under_way.add(request)

    def _end(self, request: Request) -> None:
        self._under_way.discard(request)

    def open(self, path: str) -> None:
        self.page.goto(self.url + path)
        self.settle()

    def go(self, path: str) -> None:
        """Go to a page as a link does where the application is already open."""
        if "/app" not in self.page.url or not path.startswith("/app"):
            return self.open(path)
        self.page.evaluate(_GO, path)
        self.settle()

    def settle(self) -> None:
        """Wait until nothing is on its way, nothing moves and the page has nothing to do."""
        quiet, deadline = 0, time.monotonic() + _PATIENCE_S
        while quiet < _QUIET_TIMES:
            assert time.monotonic() < deadline, [one.url for one in self._under_way]
            self.page.wait_for_timeout(_QUIET_MS)
            moves = True
            with contextlib.suppress(Error):  # Where it goes elsewhere meanwhile, it moves.
                moves = self.page.evaluate(_MOVES)
            quiet = 0 if moves or self._under_way else quiet + 1

    def look_at(self, *paths: str) -> None:
        """Open pages: none shuts anybody out, and at no size does one run over its edge."""
        own = self.page.viewport_size
        assert own is not None
        for path in paths:
            self.go(path)
            assert self.faults() == [], path
            for width, height in SIZES:
                self.page.set_viewport_size({"width": width, "height": height})
                over = self.page.evaluate("document.documentElement.scrollWidth - innerWidth")
                assert over <= 0, (path, width)
            self.page.set_viewport_size(own)

    def scan(self, code: str) -> None:
        """Type as a hand scanner does: fast, wherever the focus is, with Enter at the end."""
        self.page.evaluate(_SCANNER, code)

    def faults(self) -> list[str]:
        """Give what axe finds that shuts somebody out."""
        # Evaluated by the browser's own tools, which the page's policy does not bind.
        if not self.page.evaluate("'axe' in window"):
            self.page.evaluate(AXE.read_text(encoding="utf-8"))
        # What it would load beforehand is asked by one rule alone, which is not a serious one.
        found: Any = self.page.evaluate(
            "() => axe.run({resultTypes: ['violations'], preload: false})"
        )
        return [
            f"{one['id']}: {[node['target'] for node in one['nodes']][:3]}"
            for one in found["violations"]
            if one["impact"] in ("serious", "critical")
        ]


def address(code: str, query: str = "") -> str:
    """Give the address of the page about a code."""
    return f"/app/object/{quote(code, safe='')}{query}"


def story_codes(server: Server) -> dict[str, str]:
    """Give the codes worth trying by their keys, as a scanner would read them."""
    page = json.loads((server.settings.data / "demo.json").read_text(encoding="utf-8"))
    return {one["key"]: one["scan"] for one in page["codes"]}


@pytest.fixture
def open_window(dairy: Server, reader: str, chromium: Browser) -> Iterator[Callable[..., Window]]:
    """Give a function that opens a window in a language; nothing may go wrong in any."""
    contexts: list[BrowserContext] = []
    windows: list[Window] = []

    def make(
        language: str = "en",
        width: int = 1440,
        height: int = 900,
        *,
        is_signed_in: bool = True,
        token: str = "",
    ) -> Window:
        context = chromium.new_context(
            viewport={"width": width, "height": height},
            locale={"en": "en-GB", "zh": "zh-CN"}[language],
            timezone_id="Asia/Shanghai",
        )
        contexts.append(context)
        url = str(dairy.client.base_url).rstrip("/")
        if is_signed_in:
            context.add_cookies([{"name": SESSION_COOKIE, "value": token or reader, "url": url}])
        context.add_init_script(f"localStorage.setItem('suyuan.language', '{language}')")
        page = context.new_page()
        window = Window(page, url)
        page.on("pageerror", lambda error: window.troubles.append(str(error)))
        page.on(
            "console",
            lambda said: window.troubles.append(said.text) if said.type == "error" else None,
        )
        windows.append(window)
        return window

    yield make
    for context in contexts:
        context.close()
    assert [trouble for window in windows for trouble in window.troubles] == []
