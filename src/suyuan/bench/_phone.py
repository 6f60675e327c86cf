"""The phone: from the camera's frame, the photo or the last key to the result that is seen.

Chromium is given a film in place of a camera: a label that lies before it, then none, then
another. A corner of the film tells which frames have a label, so that the time begins with
the first of them, whenever the page looks. *Cold* is the first label after the page was
opened by somebody who has never been there; *warm* are those after it.
"""

from __future__ import annotations

import base64
import shutil
import statistics
import struct
import tempfile
import zlib
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import zxingcpp

from suyuan.api import create_app
from suyuan.api.pages import are_built
from suyuan.bench._figure import Figure, at_most
from suyuan.bench._server import served, signed_in
from suyuan.bench._trace_events import record_plant, unit_codes
from suyuan.bench._trace_plant import make_plant
from suyuan.identifier import parse
from suyuan.journal import Journal
from suyuan.settings import Settings
from suyuan.store import open_database

__all__ = ["bench_phone", "camera_of", "drawn", "write_film"]

_UNITS, _UNITS_QUICK = 120_000, 5_000
_BUDGET_MS = 300
_WIDTH, _HEIGHT, _FRAMES_A_S = 1280, 720, 15
_SHOWN, _BLANK = 15, 9  # Frames.
_WARM, _WARM_QUICK = 8, 4
_CORNER = 32
_PHOTO = (4000, 3000)  # What a phone takes.
_CHOOSING_MS = 1_000  # Nobody takes a photo sooner.
_PATIENCE_MS = 30_000
_RAW_GTIN, _UNIT_GTIN = "09521234000020", "09521234000013"
_FORMATS = {
    "data_matrix": (zxingcpp.BarcodeFormat.DataMatrix, 6),
    "code_128": (zxingcpp.BarcodeFormat.Code128, 3),
    "ean_13": (zxingcpp.BarcodeFormat.EAN13, 4),
    "qr_code": (zxingcpp.BarcodeFormat.QRCode, 6),
    "itf": (zxingcpp.BarcodeFormat.ITF, 4),
}

# Notes when a label came before the camera, a photo was chosen or the last key was pressed,
# and when the next verdict stood on the screen.
_WATCH = """(() => {
  const seen = (window.suyuanSeen = [])
  let began = 0, isThere = false, watched = null
  const corner = new OffscreenCanvas(1, 1).getContext('2d', {willReadFrequently: true})
  const begin = at => { began = at }
  function frame(now, about) {
    corner.drawImage(watched, 4, 4, 8, 8, 0, 0, 1, 1)
    const isNow = corner.getImageData(0, 0, 1, 1).data[0] > 128
    if (isNow && !isThere) begin(about.captureTime || now)
    isThere = isNow
    watched.requestVideoFrameCallback(frame)
  }
  let before = null
  function look() {
    const video = document.querySelector('video')
    if (video && video !== watched) {
      watched = video
      isThere = false
      video.requestVideoFrameCallback(frame)
    }
    const verdict = document.querySelector('.verdict')
    if (verdict && verdict !== before && began) {
      const from = began
      began = 0
      requestAnimationFrame(() => requestAnimationFrame(now => seen.push(
        {ms: now - from, said: verdict.innerText})))
    }
    before = verdict
  }
  addEventListener('change', ({target, timeStamp}) => {
    if (target.type === 'file') begin(timeStamp)
  }, true)
  addEventListener('keydown', ({key, timeStamp}) => key === 'Enter' && begin(timeStamp), true)
  new MutationObserver(look).observe(document, {subtree: true, childList: true, attributes: true})
})()"""
_COUNT = "() => window.suyuanSeen.length"
_AS_PHOTO = """async ([address, width, height, at]) => {
  const picture = new Image()
  picture.src = address
  await picture.decode()
  const canvas = new OffscreenCanvas(width, height)
  const context = canvas.getContext('2d')
  context.fillStyle = '#c8c4bc'
  context.fillRect(0, 0, width, height)
  context.drawImage(picture, at, at, picture.width * 2, picture.height * 2)
  const bytes = new Uint8Array(await (await canvas.convertToBlob(
    {type: 'image/jpeg', quality: 0.9})).arrayBuffer())
  let text = ''
  for (let at = 0; at < bytes.length; at += 8192)
    text += String.fromCharCode(...bytes.subarray(at, at + 8192))
  return btoa(text)
}"""

Picture = npt.NDArray[np.uint8]


def bench_phone(*, quick: bool) -> list[Figure]:
    """Scan one label of each symbology after the other, choose photos, and type."""
    program = shutil.which("chromium")
    if program is None or find_spec("playwright") is None or not are_built():
        return []
    plant = make_plant(_UNITS_QUICK if quick else _UNITS)
    with (
        tempfile.TemporaryDirectory(prefix="suyuan-bench-") as folder,
        open_database(Path(folder) / "data") as database,
    ):
        tenant_id = database.make_tenant("default")
        record_plant(Journal(database, tenant_id), plant, Path(folder) / "plant.ndjson")
        settings = Settings(data=Path(folder), log_level="error", requests_per_minute=0)
        token = signed_in(database, tenant_id, role="operator")
        units = [f"(01){_UNIT_GTIN}(21){parse(one).serial}" for one in unit_codes(plant)[:40]]
        with served(create_app(database, settings, is_alone=True)) as port:
            phone = _Phone(f"http://127.0.0.1:{port}", token, program, Path(folder) / "film.y4m")
            times = _WARM_QUICK if quick else _WARM
            return [
                *_scanned(phone, units, times),
                *_photographed(phone, units, times),
                *_typed(phone, units, times),
            ]


def camera_of(film: Path) -> list[str]:
    """Give what tells Chromium to take a film for what its camera shows."""
    return [
        "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream",
        f"--use-file-for-fake-video-capture={film}",
    ]


class _Phone:
    """A window of a phone in Chromium, anew for each way of scanning."""

    def __init__(self, url: str, token: str, program: str, film: Path) -> None:
        self._url = url
        self._token = token
        self._program = program
        self.film = film

    def take_up(self, playwright: Any, *, has_camera: bool) -> Any:
        """Open the page as somebody who has never been there; its browser ends with `close`."""
        film = camera_of(self.film) if has_camera else []
        browser = playwright.chromium.launch(
            executable_path=self._program, args=["--no-sandbox", "--disable-gpu", *film]
        )
        context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True)
        context.add_cookies([{"name": "suyuan_session", "value": self._token, "url": self._url}])
        context.add_init_script(_WATCH)
        if has_camera:
            context.add_init_script("localStorage.setItem('suyuan.camera', 'yes')")
        page = context.new_page()
        page.goto(f"{self._url}/m")
        return page


def _scanned(phone: _Phone, units: Sequence[str], times: int) -> Iterator[Figure]:
    from playwright.sync_api import sync_playwright

    for name, contents in _labels(units).items():
        kind, scale = _FORMATS[name]
        labels = [drawn(content, kind, scale) for content in contents]
        write_film(phone.film, labels)
        with sync_playwright() as playwright:
            page = phone.take_up(playwright, has_camera=True)
            taken = _waited(page, times + 1)
            page.context.browser.close()
        yield at_most(f"phone_{name}_cold", taken[0], "ms", _BUDGET_MS)
        yield at_most(f"phone_{name}_warm", statistics.median(taken[1:]), "ms", _BUDGET_MS)
        yield at_most(f"phone_{name}_slowest", max(taken[1:]), "ms", _BUDGET_MS)


def _labels(units: Sequence[str]) -> dict[str, list[str]]:
    """Give two labels of each symbology: one that stays is one scan."""
    return {
        "data_matrix": list(units[:2]),
        "code_128": [f"(01){_RAW_GTIN}(10)R{number}" for number in (1, 2)],
        "ean_13": [_RAW_GTIN[1:], _UNIT_GTIN[1:]],
        "qr_code": [parse(one).canonical for one in units[2:4]],
        "itf": [_RAW_GTIN, _UNIT_GTIN],
    }


def _photographed(phone: _Phone, units: Sequence[str], times: int) -> Iterator[Figure]:
    """Choose photos of twelve million pixels, each of another label."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        page = phone.take_up(playwright, has_camera=False)
        page.wait_for_load_state("networkidle")
        photos = []
        for content in units[: times + 1]:
            label = drawn(content, zxingcpp.BarcodeFormat.DataMatrix, 12)
            address = "data:image/png;base64," + base64.b64encode(_png(label)).decode()
            photos.append(base64.b64decode(page.evaluate(_AS_PHOTO, [address, *_PHOTO, 1200])))
        page.context.browser.close()
        page = phone.take_up(playwright, has_camera=False)
        page.wait_for_timeout(_CHOOSING_MS)
        taken = []
        for number, data in enumerate(photos, 1):
            chooser = page.locator("input[type=file]")
            chooser.set_input_files({"name": "p.jpg", "mimeType": "image/jpeg", "buffer": data})
            taken = _waited(page, number)
        page.context.browser.close()
    yield at_most("phone_photo_cold", taken[0], "ms", _BUDGET_MS)
    yield at_most("phone_photo_warm", statistics.median(taken[1:]), "ms", _BUDGET_MS)


def _typed(phone: _Phone, units: Sequence[str], times: int) -> Iterator[Figure]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        page = phone.take_up(playwright, has_camera=False)
        taken = []
        for number, content in enumerate(units[: times + 1], 1):
            page.locator("input[type=search]").fill(content)
            page.locator("input[type=search]").press("Enter")
            taken = _waited(page, number)
        page.context.browser.close()
    yield at_most("phone_typed_cold", taken[0], "ms", _BUDGET_MS)
    yield at_most("phone_typed_warm", statistics.median(taken[1:]), "ms", _BUDGET_MS)


def _waited(page: Any, count: int) -> list[float]:
    """Wait for so many verdicts; give the milliseconds that each took."""
    for _ in range(_PATIENCE_MS // 50):
        if page.evaluate(_COUNT) >= count:
            seen = page.evaluate("() => window.suyuanSeen")
            assert all("\n" in one["said"] for one in seen), seen
            return [float(one["ms"]) for one in seen[:count]]
        page.wait_for_timeout(50)
    raise AssertionError(f"{count} results expected, found {page.evaluate(_COUNT)}")


def drawn(content: str, kind: zxingcpp.BarcodeFormat, scale: int) -> Picture:
    """Draw a symbol with a quiet zone; what stands in brackets is GS1."""
    is_gs1 = content.startswith("(")
    symbol = zxingcpp.create_barcode(content, kind, **({"gs1": True} if is_gs1 else {}))
    pixels = np.array(zxingcpp.write_barcode_to_image(symbol, scale=scale))
    return np.asarray(np.pad(pixels, 24, constant_values=255), np.uint8)


def write_film(file: Path, labels: Sequence[Picture]) -> None:
    """Write YUV4MPEG2, grey: each label for a while, with nothing in between."""
    grey = np.full((_HEIGHT // 2, _WIDTH // 2), 128, np.uint8).tobytes() * 2
    with file.open("wb") as film:
        film.write(f"YUV4MPEG2 W{_WIDTH} H{_HEIGHT} F{_FRAMES_A_S}:1 Ip A1:1 C420jpeg\n".encode())
        for label in labels:
            blank = np.full((_HEIGHT, _WIDTH), 170, np.uint8)
            blank[:_CORNER, :_CORNER] = 16
            shown = blank.copy()
            shown[:_CORNER, :_CORNER] = 235
            top, left = (
                (size - side) // 2 for size, side in zip(blank.shape, label.shape, strict=True)
            )
            shown[top : top + label.shape[0], left : left + label.shape[1]] = 30 + label * 0.75
            film.write((b"FRAME\n" + shown.tobytes() + grey) * _SHOWN)
            film.write((b"FRAME\n" + blank.tobytes() + grey) * _BLANK)


def _png(pixels: Picture) -> bytes:
    height, width = pixels.shape
    lines = b"".join(b"\x00" + line.tobytes() for line in pixels)
    parts = (
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)),
        (b"IDAT", zlib.compress(lines)),
        (b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in parts
    )
