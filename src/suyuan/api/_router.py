"""Routers whose every route asks for its permission first. 路由"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import APIRouter
from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response

from suyuan.api._permissions import check_permission

__all__ = ["GuardedRoute", "Router"]


class GuardedRoute(APIRoute):
    """A route that lets nobody further without the permission that its row names."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Give what answers a request: the check, then the function of the route."""
        answer = super().get_route_handler()

        async def check_and_answer(request: Request) -> Response:
            check_permission(request)
            return await answer(request)

        return check_and_answer


class Router(APIRouter):
    """A part of the HTTP face.

    Its routes are put beside those of the others in one flat list: routers within a router
    would match every request anew at each level, which costs more than a small answer.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(route_class=GuardedRoute, **options)
