"""`/app`: the pages for the browser, as `scripts/build-pages` has built them. 页面

The pages are one document and files whose names bear their digests, so that the files may be
kept for ever and the document is asked for anew each time. The content security policy lets in
nothing but these: no inline script or style, no other host, no frame around us.
"""

from __future__ import annotations

from pathlib import Path

from starlette.responses import FileResponse, Response

from suyuan.api._problem import refuse
from suyuan.api._router import Router

__all__ = ["are_built", "router"]

router = Router(include_in_schema=False)

_PAGES = Path(__file__).with_name("static")
_POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "connect-src 'self'",
        "object-src 'none'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
        "form-action 'self'",
    )
)


def are_built() -> bool:
    """Tell whether there are pages to show."""
    return (_PAGES / "index.html").is_file()


@router.get("/app/assets/{name}")
def give_file(name: str) -> Response:
    """Give a file that the pages are made of; one with this name never changes."""
    page = _PAGES / "assets" / name
    if name.startswith(".") or "%" in name or not page.is_file():
        raise refuse("NoSuchNameException", "api.resource_unknown", found=f"/app/assets/{name}")
    headers = {"Cache-Control": "public, max-age=31536000, immutable"}
    return FileResponse(page, headers=headers)


@router.get("/app")
@router.get("/app/{rest:path}")
def show_pages(rest: str = "") -> Response:
    """Show the pages, which find out from the address what to show."""
    if not are_built():
        raise refuse("NoSuchNameException", "api.pages_missing")
    headers = {"Cache-Control": "no-cache", "Content-Security-Policy": _POLICY}
    return FileResponse(_PAGES / "index.html", media_type="text/html", headers=headers)
