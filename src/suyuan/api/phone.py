"""`/m`: the pages for the phone, its service worker, and the way there from a desk. 手机端

A shell of its own beside the desk, built with it. Its document and its service worker are
asked for anew each time, so that a new version arrives; the files of both shells are the same
and stay under `/app/assets`. The policy lets compiled WebAssembly in, which reads symbols, and
nothing else that the desk does not have.
"""

from __future__ import annotations

from pathlib import Path

import zxingcpp
from fastapi import Request
from starlette.responses import FileResponse, Response

from suyuan.api._problem import refuse
from suyuan.api._request import base_url
from suyuan.api._router import Router
from suyuan.api._symbols import svg_of
from suyuan.api.pages import are_built

__all__ = ["router"]

router = Router(include_in_schema=False)

_PAGES = Path(__file__).with_name("static")
_POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self' 'wasm-unsafe-eval'",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "media-src 'self' blob:",
        "connect-src 'self'",
        "worker-src 'self'",
        "manifest-src 'self'",
        "object-src 'none'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
        "form-action 'self'",
    )
)
_DAY_S = 86_400
_FILES = {
    "manifest.webmanifest": "application/manifest+json",
    "icon-192.png": "image/png",
    "icon-512.png": "image/png",
    "icon-maskable.png": "image/png",
    "icon-apple.png": "image/png",
}


@router.get("/m/sw.js")
def give_worker() -> Response:
    """Give the service worker. It may speak for `/m` itself, which is above its own folder."""
    headers = {
        "Cache-Control": "no-cache",
        "Service-Worker-Allowed": "/m",
        "Content-Security-Policy": "default-src 'none'; connect-src 'self'; script-src 'self'",
    }
    return _file("sw.js", "text/javascript", headers)


@router.get("/m/address.svg")
def show_address(request: Request) -> Response:
    """Draw the address of these pages as a QR Code: a phone that sees it is there."""
    address = f"{base_url(request)}/m"
    symbol = zxingcpp.create_barcode(address, zxingcpp.BarcodeFormat.QRCode, ec_level="M")
    headers = {"Cache-Control": "no-store", "Content-Security-Policy": "default-src 'none'"}
    return Response(svg_of(symbol), headers=headers, media_type="image/svg+xml")


@router.get("/m/static/{name}")
def give_phone_file(name: str) -> Response:
    """Give what an installed page needs under a name that stays: its manifest and icons."""
    if name not in _FILES:
        raise refuse("NoSuchNameException", "api.resource_unknown", found=f"/m/static/{name}")
    return _file(f"m/{name}", _FILES[name], {"Cache-Control": f"public, max-age={_DAY_S}"})


@router.get("/m")
@router.get("/m/{rest:path}")
def show_phone_pages(rest: str = "") -> Response:
    """Show the pages, which find out from the address what to show."""
    headers = {"Cache-Control": "no-cache", "Content-Security-Policy": _POLICY}
    return _file("m.html", "text/html", headers)


def _file(name: str, media_type: str, headers: dict[str, str]) -> Response:
    if not are_built():
        raise refuse("NoSuchNameException", "api.pages_missing")
    return FileResponse(_PAGES / name, media_type=media_type, headers=headers)
