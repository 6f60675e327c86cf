"""The picture of a genealogy: how soon it opens and how smoothly it moves, in a real browser.

The raw lot that is in everything is opened on its page, as a person who is signed in does it.
Without Playwright and Chromium only the server's share is measured.
"""

from __future__ import annotations

import shutil
import statistics
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx

from suyuan.api import create_app
from suyuan.api.pages import are_built
from suyuan.bench._figure import Figure, at_least, at_most
from suyuan.bench._server import served, signed_in
from suyuan.bench._trace_events import lot_code, record_plant
from suyuan.bench._trace_plant import make_plant
from suyuan.journal import Journal
from suyuan.settings import Settings
from suyuan.store import open_database

__all__ = ["bench_picture"]

_UNITS, _UNITS_QUICK = 120_000, 5_000
_TIMES = 5
_PAN_S = 3.0
_OPENED = 20  # Groups of sixty, so that the picture is as large as pictures get.
_DRAWN = """() => new Promise(done => {
  const look = () => document.querySelector('canvas.picture')
    ? requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now())))
    : requestAnimationFrame(look)
  look()
})"""
# Drags the picture to and fro as a hand would, and counts the frames that were shown.
_PAN = """seconds => new Promise(done => {
  const canvas = document.querySelector('canvas.picture')
  const say = (type, x) => canvas.dispatchEvent(new PointerEvent(
    type, {pointerId: 1, clientX: x, clientY: 500, bubbles: true}))
  canvas.setPointerCapture = () => {}
  say('pointerdown', 600)
  let frames = 0
  const begun = performance.now()
  const next = now => {
    frames += 1
    if (now - begun > seconds * 1000) {
      say('pointerup', 600)
      done(frames / ((now - begun) / 1000))
    } else {
      say('pointermove', 600 + 300 * Math.sin(frames / 20))
      requestAnimationFrame(next)
    }
  }
  requestAnimationFrame(next)
})"""


def bench_picture(*, quick: bool) -> list[Figure]:
    """Open and pan the picture of the lot that reaches most."""
    plant = make_plant(_UNITS_QUICK if quick else _UNITS)
    code = lot_code(plant.every)
    with (
        tempfile.TemporaryDirectory(prefix="suyuan-bench-") as folder,
        open_database(Path(folder) / "data") as database,
    ):
        tenant_id = database.make_tenant("default")
        record_plant(Journal(database, tenant_id), plant, Path(folder) / "plant.ndjson")
        settings = Settings(data=Path(folder), log_level="error", requests_per_minute=0)
        token = signed_in(database, tenant_id, role="viewer")
        with served(create_app(database, settings)) as port:
            url = f"http://127.0.0.1:{port}"
            figures, opened = _asked(url, token, code)
            return figures + _looked_at(url, token, code, opened)


def _asked(url: str, token: str, code: str) -> tuple[list[Figure], list[str]]:
    """Measure the server's answer; give groups to open too."""
    cookies = {"suyuan_session": token}
    with httpx.Client(base_url=url, cookies=cookies, timeout=300) as client:
        asked = {"code": code, "direction": "forward"}
        taken: list[float] = []
        for _ in range(_TIMES + 1):
            begun = time.perf_counter()
            answer = client.get("/api/genealogy", params=asked)
            taken.append(time.perf_counter() - begun)
        found = answer.json()
        groups = [one["key"] for one in found["nodes"] if one["kind"] == "group"]
        opened: list[str] = []
        while groups and len(opened) < _OPENED:
            opened += groups[: _OPENED - len(opened)]
        large = client.get("/api/genealogy", params=asked | {"open": opened}).json()
    return [
        Figure("picture_objects", found["counts"][0]["objects"], "objects"),
        Figure("picture_answer", round(statistics.median(taken[1:]) * 1e3, 1), "ms"),
        Figure("picture_bytes", len(answer.content), "bytes"),
        Figure("picture_boxes", len(found["nodes"]), "boxes"),
        Figure("picture_opened_boxes", len(large["nodes"]), "boxes"),
    ], opened


def _looked_at(url: str, token: str, code: str, opened: list[str]) -> list[Figure]:
    """Open the page in Chromium and drag the picture."""
    program = shutil.which("chromium")
    if program is None or find_spec("playwright") is None or not are_built():
        return []
    from playwright.sync_api import sync_playwright

    page_of = f"{url}/app/object/{quote(code, safe='')}?tab=genealogy&direction=forward"
    all_open = page_of + "".join(f"&open={quote(key, safe='')}" for key in opened)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=program, args=["--no-sandbox", "--disable-gpu"]
        )
        context = browser.new_context(viewport={"width": 1440, "height": 900})
        context.add_cookies([{"name": "suyuan_session", "value": token, "url": url}])
        page = context.new_page()
        page.goto(url + "/app")
        page.wait_for_load_state("networkidle")
        shown = [_opened(page, page_of) for _ in range(_TIMES)]
        pan = float(page.evaluate(_PAN, _PAN_S))
        _opened(page, all_open)
        large = float(page.evaluate(_PAN, _PAN_S))
        browser.close()
    return [
        at_most("picture_open", statistics.median(shown) / 1e3, "s", 1.5),
        at_least("picture_pan", pan, "frames/s", 30),
        at_least("picture_opened_pan", large, "frames/s", 30),
    ]


def _opened(page: Any, address: str) -> float:
    """Load a page anew; give the milliseconds until its picture was drawn."""
    page.goto(address, wait_until="commit")
    return float(page.evaluate(_DRAWN))
