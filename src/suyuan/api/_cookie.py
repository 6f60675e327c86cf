"""The session in a browser: its cookie, and the guard of changes against other sites. 会话 Cookie

A browser sends our cookie along with whatever another site makes it send. So a change needs
what only a page of ours can know, the session's CSRF token, and comes from our own origin.
"""

from __future__ import annotations

import hmac
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response

from suyuan.account import SESSION_LIFETIME_S, csrf_token
from suyuan.api._problem import refuse
from suyuan.api._request import base_url

__all__ = [
    "CSRF_HEADER",
    "SESSION_COOKIE",
    "check_change",
    "check_origin",
    "drop_session",
    "give_session",
]

SESSION_COOKIE = "suyuan_session"
CSRF_HEADER = "X-Suyuan-CSRF"


def give_session(request: Request, response: Response, token: str) -> None:
    """Let the browser keep a session: longer than it is open, since phones shut browsers."""
    response.set_cookie(
        SESSION_COOKIE,
        token,
        max_age=SESSION_LIFETIME_S,
        path="/",
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
    )


def drop_session(request: Request, response: Response) -> None:
    """Let the browser forget its session."""
    response.delete_cookie(
        SESSION_COOKIE,
        path="/",
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
    )


def check_change(request: Request, token: str) -> None:
    """See that a change comes from a page of ours. Raises a 403 problem otherwise."""
    check_origin(request)
    given = request.headers.get(CSRF_HEADER, "")
    if not hmac.compare_digest(given.encode(), csrf_token(token).encode()):
        raise refuse("Forbidden", "api.csrf_wrong", where=CSRF_HEADER)


def check_origin(request: Request) -> None:
    """See that a request comes from our origin, when it says from which. Raises a 403 problem."""
    origin = request.headers.get("origin")
    if origin is None:
        return
    own = {base_url(request), f"{request.url.scheme}://{request.headers.get('host', '')}"}
    if _origin(origin) not in {_origin(one) for one in own if one}:
        expected = sorted(own)[-1]
        raise refuse("Forbidden", "api.origin_foreign", expected=expected, found=origin[:200])


def _origin(address: str) -> tuple[str, str]:
    try:
        parts = urlsplit(address)
    except ValueError:
        return "", address
    return parts.scheme.lower(), parts.netloc.lower()
