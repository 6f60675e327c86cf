"""Routers whose every route asks for its permission first. 路由"""

from __future__ import annotations

import inspect
from collections import defaultdict
from collections.abc import Callable, Coroutine, Iterable
from functools import cached_property
from typing import Any, cast

from fastapi import APIRouter
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Match
from starlette.types import ASGIApp, Receive, Scope, Send

from suyuan.api._permissions import check_permission

__all__ = ["GuardedRoute", "Router", "WholePaths"]

_Answer = Callable[[Request], Coroutine[Any, Any, Response]]


class GuardedRoute(APIRoute):
    """A route that lets nobody further without the permission that its row names."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        if _plainly(self.dependant) is not None:
            self.app = _plain_app(self.get_route_handler())

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Tell whether a request is for this route.

        That it is for another one is seen by how the path begins, mostly without a pattern.
        """
        path = scope.get("path", "")
        if not path.startswith(self._beginning) or (self._is_whole and path != self._beginning):
            return Match.NONE, {}
        return super().matches(scope)

    @cached_property
    def _beginning(self) -> str:
        """Give the path up to its first parameter."""
        return self.path.partition("{")[0]

    @cached_property
    def _is_whole(self) -> bool:
        return not self.param_convertors

    def get_route_handler(self) -> _Answer:
        """Give what answers a request: the check, then the function of the route."""
        answer = _plainly(self.dependant) or super().get_route_handler()

        async def check_and_answer(request: Request) -> Response:
            check_permission(request)
            return await answer(request)

        return check_and_answer


def _plainly(dependant: Dependant) -> _Answer | None:
    """Give how to call a function that wants the request and nothing else; None for others.

    Working out parameters that nobody wants takes longer than a small answer.
    """
    answer = dependant.call
    if answer is None or dependant.request_param_name != "request":
        return None
    signature = inspect.signature(answer, eval_str=True)
    gives = signature.return_annotation
    if len(signature.parameters) > 1 or not (
        isinstance(gives, type) and issubclass(gives, Response)
    ):
        return None
    if inspect.iscoroutinefunction(answer):
        return cast("_Answer", answer)

    async def elsewhere(request: Request) -> Response:
        return await run_in_threadpool(answer, request)

    return elsewhere


def _plain_app(answer: _Answer) -> ASGIApp:
    """Give the application of a route that needs nothing of FastAPI to be answered.

    Files and dependencies that it would have to close are never opened here.
    """

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        response = await answer(Request(scope, receive, send))
        await response(scope, receive, send)

    return app


class WholePaths(BaseRoute):
    """Stands before the routes, and finds those whose paths have no parameters by their path.

    Whoever asks for anything else, or with a method that none of them takes, goes on to the
    routes, of which each is asked in its turn.
    """

    methods: frozenset[str] = frozenset()
    """None of its own: its routes stand in the list as well."""

    def __init__(self, routes: Iterable[BaseRoute]) -> None:
        self._routes: dict[str, list[GuardedRoute]] = defaultdict(list)
        before: list[APIRoute] = []
        for route in routes:
            if not isinstance(route, GuardedRoute):
                continue
            if route.param_convertors:
                before.append(route)
            elif not any(other.path_regex.match(route.path) for other in before):
                self._routes[route.path].append(route)

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Tell which route a request is for, if it is one of these."""
        for route in self._routes.get(scope.get("path", ""), ()):
            match, child = route.matches(scope)
            if match == Match.FULL:
                return match, child
        return Match.NONE, {}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand a request to the route that was found."""
        await scope["route"].handle(scope, receive, send)


class Router(APIRouter):
    """A part of the HTTP face.

    Its routes are put beside those of the others in one flat list: routers within a router
    would match every request anew at each level, which costs more than a small answer.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(route_class=GuardedRoute, **options)
