"""`/api/live`: how far the journal is, told to whoever watches as soon as it grows. 实时更新

Server-sent events. A page learns that there is something new and asks for what it shows, with
its own permissions; what is new is not told here. See docs/adr/0020.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

from fastapi import Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response, StreamingResponse

from suyuan.account import Caller, find_session
from suyuan.api import _openapi_workspace as describe
from suyuan.api._cookie import SESSION_COOKIE
from suyuan.api._parameters import read_parameters, refusing
from suyuan.api._permissions import permission_of
from suyuan.api._problem import refuse
from suyuan.api._pulse import Watch
from suyuan.api._router import Router
from suyuan.api._services import Services, caller_of, services_of

__all__ = ["router"]

router = Router(prefix="/api", tags=["Traceability"])
_HEARTBEAT_S = 10.0
_RETRY_MS = 3_000
_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


@router.get("/live", openapi_extra=describe.LIVE)
async def watch_journal(request: Request) -> Response:
    """Tell the position of the journal, now and whenever it grows."""
    services, caller = services_of(request), caller_of(request)
    with refusing():
        read_parameters(request, {})
    watching = services.pulse.watch(caller.tenant_id, caller.actor().actor)
    watch = watching.__enter__()
    if watch is None:
        watching.__exit__(None, None, None)
        raise refuse("TooManyRequests", "api.readers_too_many", headers={"Retry-After": "30"})

    async def told() -> AsyncIterator[bytes]:
        try:
            async for piece in _told(request, services, caller, watch):
                yield piece
        finally:
            watching.__exit__(None, None, None)

    return StreamingResponse(told(), media_type="text/event-stream", headers=_HEADERS)


async def _told(
    request: Request, services: Services, caller: Caller, watch: Watch
) -> AsyncIterator[bytes]:
    yield b"retry: %d\n\n" % _RETRY_MS
    while True:
        is_new = await watch.changed(_HEARTBEAT_S)
        if watch.is_over:
            return
        if is_new:
            yield b'event: position\ndata: {"position":%d}\n\n' % (watch.position or 0)
        elif not await run_in_threadpool(_may_still, services, caller, request):
            yield b"event: over\ndata: {}\n\n"
            return
        else:
            yield b": still here\n\n"


def _may_still(services: Services, caller: Caller, request: Request) -> bool:
    """Tell whether whoever watches still may. To watch is not to use a session."""
    needed = permission_of("GET", "/api/live")
    if caller.session is None:  # A key that was revoked is found out at the next request.
        return True
    token = request.cookies.get(SESSION_COOKIE, "")
    session = find_session(services.database, token, is_used=False)
    return session is not None and needed in session.permissions
