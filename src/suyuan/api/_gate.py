"""The gate: every request passes it before anything else, and every answer on its way out.

It gives each request an ID, lets routes see the path as it was sent (an EPC may hold `%2F`),
asks for a key or a session, counts requests against the limit, adds the headers of the
standard, writes one line to the log, and turns what nobody caught into a problem document.
Plain ASGI: the bodies of requests and answers flow past it untouched.
"""

from __future__ import annotations

import base64
import binascii
import os
import time
from collections.abc import Callable, MutableMapping
from random import Random
from threading import Lock
from typing import Any
from uuid import UUID

import structlog
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from suyuan.account import Buckets, Caller, find_session
from suyuan.api._cookie import SESSION_COOKIE, check_change
from suyuan.api._gs1 import VERSION_HEADERS, check_versions
from suyuan.api._media import language_of, wants_xml
from suyuan.api._problem import HttpProblem, as_http_problem, problem_response, refuse
from suyuan.api._services import Services
from suyuan.errors import SuyuanError

__all__ = ["Gate"]

_log = structlog.get_logger()
_numbers = Random()  # noqa: S311 - they tell requests apart, and are no secret
# Processes that are made from one another would go on with the same numbers.
os.register_at_fork(after_in_child=_numbers.seed)
_URL_BYTES_MAX = 32_768
_OPEN_PATHS = frozenset({"/", "/app", "/m", "/healthz", "/readyz", "/sign_in", "/trust"})
# The transparency log is for strangers, and pages hold nothing of a record.
_OPEN_PREFIXES = ("/log/", "/enter/", "/app/", "/m/", "/trust/")
_SIGN_IN = ("POST", "/api/session")
_SAFE_METHODS = frozenset({"GET", "OPTIONS"})
_LOOPBACK = frozenset({"127.0.0.1", "::1"})
_FAILURES_PER_MINUTE = 120
# A month: long enough to guard, short enough to come back from. Browsers take it of trusted
# connections alone, and of names, not of addresses.
_ONLY_SAFE = "max-age=2592000"
_SAFETY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
}


class _Allowance:
    """How many requests a minute each name has left: a bucket that fills all the time."""

    def __init__(
        self, buckets: Buckets, kind: str, per_minute: int, clock: Callable[[], float]
    ) -> None:
        self._buckets = buckets
        self._kind = kind
        self._per_minute = per_minute
        self._clock = clock
        self._lock = Lock()

    def wait_s(self, name: str, *, cost: float = 1.0) -> float:
        """Take one request off; 0 when there was one, else the seconds until there is."""
        if self._per_minute <= 0:
            return 0.0
        now, name = self._clock(), f"{self._kind} {name}"
        with self._lock:
            left, at = self._buckets.level(name) or (float(self._per_minute), now)
            left = min(self._per_minute, left + (now - at) * self._per_minute / 60)
            is_enough = left >= 1.0
            self._buckets.put(name, left - cost if is_enough else left, now)
        return 0.0 if is_enough else (1.0 - left) * 60 / self._per_minute


class Gate:
    """The outermost layer of the application."""

    def __init__(
        self,
        app: ASGIApp,
        services: Services,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._app = app
        self._services = services
        self._clock = clock
        buckets, per_minute = services.house.buckets, services.settings.requests_per_minute
        self._allowance = _Allowance(buckets, "request", per_minute, clock)
        self._failures = _Allowance(buckets, "failure", _FAILURES_PER_MINUTE, clock)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let one request through, or say why not."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if scope["method"] == "HEAD":  # As GET; the server leaves the body out.
            scope = {**scope, "method": "GET"}
        passage = _Passage(scope, send, self._clock())
        request = Request(scope, receive)
        try:
            passage.see_sent_path()
            await self._admit(request, passage)
            await self._app(scope, receive, passage.send)
        except ClientDisconnect:
            passage.status = 499
        except HttpProblem as problem:
            await passage.refuse(request, problem)
        except SuyuanError as error:
            await passage.refuse(request, as_http_problem(error))
        except Exception:  # noqa: BLE001 - the outermost loop: shown, counted, never a traceback
            _log.exception(
                "request failed", request_id=passage.request_id, path=passage.shown_path()
            )
            await passage.refuse(request, refuse("ImplementationException", "api.server_failed"))
        finally:
            self._account_for(passage)

    async def _admit(self, request: Request, passage: _Passage) -> None:
        path = passage.path
        if path.startswith("/epcis"):
            check_versions(request.headers)
        host = request.client.host if request.client else ""
        is_sign_in = (request.method, path) == _SIGN_IN
        if is_sign_in or path in _OPEN_PATHS or path.startswith(_OPEN_PREFIXES):
            wait_s = self._allowance.wait_s(host) if path.startswith(_OPEN_PREFIXES) else 0
            if wait_s:
                raise _too_many(wait_s)
            return
        secret, token = _secret(request.headers), request.cookies.get(SESSION_COOKIE)
        if secret is None and token:
            caller = await self._signed_in(request, token)
        elif secret is None:
            if path == "/metrics" and host in _LOOPBACK:
                return
            raise _unknown("api.key_missing", request)
        else:
            caller = await self._caller(secret, request)
        passage.caller = request.state.caller = caller
        wait_s = self._allowance.wait_s(f"{caller.tenant_id} {caller.actor().actor}")
        if wait_s:
            raise _too_many(wait_s)

    async def _signed_in(self, request: Request, token: str) -> Caller:
        session = await run_in_threadpool(find_session, self._services.database, token)
        if session is None:
            raise _unknown("api.session_over", request)
        if request.method not in _SAFE_METHODS:
            check_change(request, token)
        return Caller(session.tenant_id, "", session.name, session.permissions, session=session)

    async def _caller(self, secret: str, request: Request) -> Caller:
        host = request.client.host if request.client else ""
        known = self._services.holders.remembered(secret)
        if known is not None:
            return known
        wait_s = self._failures.wait_s(host, cost=0.0)
        if wait_s:
            raise _too_many(wait_s)
        caller = await run_in_threadpool(self._services.holders.find, secret)
        if caller is None:
            self._failures.wait_s(host)
            raise _unknown("api.key_unknown", request)
        return caller

    def _account_for(self, passage: _Passage) -> None:
        seconds = self._clock() - passage.started
        route = passage.route()
        metrics = self._services.metrics
        metrics.requests.labels(passage.method, route, str(passage.status)).inc()
        metrics.durations.labels(route).observe(seconds)
        _log.info(
            "request",
            method=passage.method,
            path=passage.shown_path(),
            status=passage.status,
            duration_ms=round(seconds * 1000, 2),
            tenant=passage.caller.tenant_id if passage.caller else None,
            api_key=passage.caller.api_key_id if passage.caller else None,
            user=passage.caller.name if passage.caller and passage.caller.session else None,
            request_id=passage.request_id,
        )


class _Passage:
    """One request on its way through the gate."""

    _METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

    def __init__(self, scope: Scope, send: Send, started: float) -> None:
        self.scope = scope
        self.started = started
        self.status = 500
        self.caller: Caller | None = None
        # No secret, so no question to the system, behind which others would take their turn.
        self.request_id = f"urn:uuid:{UUID(int=_numbers.getrandbits(128), version=4)}"
        self.method = scope["method"] if scope["method"] in self._METHODS else "other"
        self.path: str = scope["path"]
        self._send = send
        self._has_begun = False

    def see_sent_path(self) -> None:
        """Route by the path as it was sent, still percent-encoded."""
        raw: bytes = self.scope.get("raw_path") or self.scope["path"].encode()
        raw = raw.partition(b"?")[0]
        if len(raw) + len(self.scope.get("query_string", b"")) > _URL_BYTES_MAX:
            raise refuse("URITooLongException", "api.url_too_long", expected=str(_URL_BYTES_MAX))
        self.path = raw.decode("latin-1")
        self.scope["path"] = self.path

    def shown_path(self) -> str:
        """Give the path for the log, without the secret of a one-time link."""
        return "/enter/…" if self.path.startswith("/enter/") else self.path[:500]

    def route(self) -> str:
        """Give the template of the route that answered: a word that metrics can count by."""
        route = self.scope.get("route")
        return str(getattr(route, "path", "")) or "none"

    async def send(self, message: Message) -> None:
        """Pass a message of the answer on, with our headers at its head."""
        if message["type"] == "http.response.start":
            self._has_begun = True
            self.status = message["status"]
            self._add_headers(message)
        await self._send(message)

    def _add_headers(self, message: MutableMapping[str, Any]) -> None:
        headers = MutableHeaders(raw=message.setdefault("headers", []))
        headers["X-Request-ID"] = self.request_id
        for name, value in _SAFETY_HEADERS.items():
            headers.setdefault(name, value)
        if self.scope.get("scheme") == "https":
            headers["Strict-Transport-Security"] = _ONLY_SAFE
        if self.path.startswith("/epcis"):
            for name, value in VERSION_HEADERS.items():
                headers.setdefault(name, value)
            if self.scope["method"] == "GET":
                headers.setdefault("Cache-Control", "no-store")
                headers.add_vary_header("Accept, Accept-Language, GS1-EPC-Format")
        message["headers"] = headers.raw

    async def refuse(self, request: Request, problem: HttpProblem) -> None:
        """Answer with a problem, unless the answer has begun: then break it off."""
        if self._has_begun:
            _log.error("answer broken off", request_id=self.request_id, path=self.shown_path())
            raise problem
        response = problem_response(
            problem,
            language=language_of(request),
            instance=self.request_id,
            is_xml=wants_xml(request),
        )
        await response(self.scope, request.receive, self.send)


def _secret(headers: Headers) -> str | None:
    """Give the key that a request shows: bearer token, `X-API-Key`, or password."""
    key = headers.get("x-api-key", "").strip()
    if key:
        return key
    scheme, _, rest = headers.get("authorization", "").strip().partition(" ")
    match scheme.lower():
        case "bearer":
            return rest.strip()
        case "basic":
            try:
                pair = base64.b64decode(rest.strip(), validate=True).decode()
            except (binascii.Error, UnicodeDecodeError):
                return ""
            return pair.partition(":")[2].strip()
    return None


def _unknown(code: str, request: Request) -> HttpProblem:
    # A page asks for a sign-in of its own; the browser shall not ask before it.
    is_page = request.headers.get("sec-fetch-mode", "navigate") != "navigate"
    basic = "" if is_page else ', Basic realm="suyuan"'
    headers = {"WWW-Authenticate": f'Bearer realm="suyuan"{basic}'}
    return refuse("SecurityException", code, headers=headers)


def _too_many(wait_s: float) -> HttpProblem:
    seconds = max(1, -int(-wait_s // 1))
    return refuse(
        "TooManyRequests",
        "api.requests_too_many",
        expected=str(seconds),
        headers={"Retry-After": str(seconds)},
    )
