"""`/`: the start page, for a person who has just started the server. 起始页"""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, Response

__all__ = ["router"]

router = APIRouter(include_in_schema=False)


@router.get("/")
def show_start_page(request: Request) -> Response:
    """Show what is there."""
    return HTMLResponse("<!doctype html><title>Suyuan</title><p>Suyuan</p>")
