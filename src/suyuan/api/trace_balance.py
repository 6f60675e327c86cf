"""`/api/gaps`, `readiness`, `mass_balance`, `expected_loss`: is it whole, does it add up? 断点"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

import msgspec
from fastapi import Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from suyuan.account import audited
from suyuan.api import _openapi as describe
from suyuan.api._media import JSON, language_of, read_body
from suyuan.api._parameters import read_parameters, refusing
from suyuan.api._problem import HttpProblem
from suyuan.api._request import query_pairs
from suyuan.api._router import Router
from suyuan.api._services import actor_of, caller_of, services_of
from suyuan.errors import InvalidInput, Problem
from suyuan.trace import (
    ExpectedLoss,
    GapLimits,
    Genealogy,
    balance_as_csv,
    gaps,
    gaps_as_csv,
    mass_balance,
    parse_moment,
    put_expected_loss,
    read_expected_loss,
    readiness,
)

__all__ = ["router"]

router = Router(prefix="/api", tags=["Traceability"])
_SHARE_BYTES_MAX = 4_096
_FORMATS = ("json", "csv")
_TIMES = ("since", "until", "as_of")
_LIMITS = ("late_hours", "caused_hours", "receipt_days")
_POSITION_DIGITS_MAX = 18


@dataclass
class _Asked:
    """What a question says, understood."""

    texts: dict[str, str] = field(default_factory=dict)
    moments: dict[str, datetime] = field(default_factory=dict)
    numbers: dict[str, float] = field(default_factory=dict)
    kinds: list[str] = field(default_factory=list)
    not_before: int | None = None

    @property
    def limits(self) -> GapLimits:
        """Give what is still in order."""
        return GapLimits(**{name: self.numbers[name] for name in _LIMITS if name in self.numbers})


@router.get("/gaps", openapi_extra=describe.GAPS)
def ask_gaps(request: Request) -> Response:
    """Give the gaps of a product, a place and a period."""
    with _question(request, ("product", "place", "format"), _LIMITS, has_kinds=True) as asked:
        found = gaps(
            _genealogy(request),
            product=asked.texts.get("product"),
            place=asked.texts.get("place"),
            since=asked.moments.get("since"),
            until=asked.moments.get("until"),
            kinds=asked.kinds,
            limits=asked.limits,
            language=language_of(request),
            as_of=asked.moments.get("as_of"),
            not_before=asked.not_before,
        )
    if asked.texts.get("format") == "csv":
        return _csv(gaps_as_csv(found), "gaps", found.position)
    return _json(found, found.position)


@router.get("/readiness", openapi_extra=describe.TRACE_READINESS)
def ask_readiness(request: Request) -> Response:
    """Tell of how much that was shipped the whole way back is in the record."""
    with _question(request, ("product",), _LIMITS, has_kinds=True) as asked:
        found = readiness(
            _genealogy(request),
            product=asked.texts.get("product"),
            since=asked.moments.get("since"),
            until=asked.moments.get("until"),
            kinds=asked.kinds,
            limits=asked.limits,
            language=language_of(request),
            as_of=asked.moments.get("as_of"),
            not_before=asked.not_before,
        )
    return _json(found, found.position)


@router.get("/mass_balance", openapi_extra=describe.MASS_BALANCE)
def ask_mass_balance(request: Request) -> Response:
    """Tell what came in of a lot or a product, and what became of it."""
    with _question(request, ("code", "uom", "format"), ("expected_loss",), "code") as asked:
        found = mass_balance(
            _genealogy(request),
            asked.texts["code"],
            since=asked.moments.get("since"),
            until=asked.moments.get("until"),
            uom=asked.texts.get("uom"),
            expected_loss=asked.numbers.get("expected_loss"),
            as_of=asked.moments.get("as_of"),
            not_before=asked.not_before,
        )
    if asked.texts.get("format") == "csv":
        return _csv(balance_as_csv(found), "mass_balance", found.position)
    return _json(found, found.position)


class _Share(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is to be set; null takes it back."""

    share: float | None


@router.get("/expected_loss", openapi_extra=describe.EXPECTED_LOSS)
def ask_expected_loss(request: Request) -> Response:
    """Give the share of a product that may be lost, as it is set."""
    with refusing():
        found = read_expected_loss(_genealogy(request), _product(request))
    return Response(msgspec.json.encode(found), media_type="application/json")


@router.put("/expected_loss", openapi_extra=describe.SET_EXPECTED_LOSS)
async def change_expected_loss(request: Request) -> Response:
    """Set the share of a product that may be lost, or take it back with null."""
    body = await read_body(request, _SHARE_BYTES_MAX, offers=(JSON,))
    return await run_in_threadpool(_change_expected_loss, request, body.data)


def _change_expected_loss(request: Request, data: bytes) -> Response:
    with refusing():
        product = _product(request)
        try:
            share = msgspec.json.decode(data, type=_Share).share
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            problem = Problem(code="api.json_broken", found=str(error)[:200])
            raise InvalidInput(problem) from error
        actor = actor_of(request)
        # Whoever raises it hides a loss: it has to be seen who did, and from what to what.
        with audited(services_of(request).database, actor, "expected_loss.set", product) as change:
            before = put_expected_loss(change.connection, actor.tenant_id, product, share)
            change.subject = before.product
            change.before, change.after = {"share": before.share}, {"share": share}
    found = ExpectedLoss(before.product, share)
    return Response(msgspec.json.encode(found), media_type="application/json")


def _product(request: Request) -> str:
    """Give the code of the product that is asked about."""
    _, lists = read_parameters(request, {}, codes=["product"], required={"product": "1"})
    return lists["product"][0]


def _genealogy(request: Request) -> Genealogy:
    return services_of(request).genealogy(caller_of(request).tenant_id)


@contextlib.contextmanager
def _question(
    request: Request,
    texts: tuple[str, ...],
    numbers: tuple[str, ...],
    needed: str = "",
    *,
    has_kinds: bool = False,
) -> Iterator[_Asked]:
    """Read a question, and say with 422 everything that is wrong with it."""
    try:
        yield _read(request, texts, numbers, needed, has_kinds=has_kinds)
    except InvalidInput as error:
        raise HttpProblem("ValidationException", error.problems, status=422) from error


def _read(
    request: Request,
    texts: tuple[str, ...],
    numbers: tuple[str, ...],
    needed: str,
    *,
    has_kinds: bool,
) -> _Asked:
    asked, problems, seen = _Asked(), list[Problem](), set[str]()
    names = (*texts, *_TIMES, *numbers, "not_before")
    for name, value in query_pairs(request):
        if name in names and name in seen:
            problems.append(Problem(code="api.parameter_repeated", where=name))
        seen.add(name)
        try:
            if name == "kind" and has_kinds:
                asked.kinds.append(value)
            elif name in texts:
                asked.texts[name] = _format(value) if name == "format" else value
            elif name in _TIMES:
                is_end = name != "since"
                asked.moments[name] = parse_moment(value, where=name, is_end=is_end)
            elif name in numbers:
                asked.numbers[name] = _number(value, name)
            elif name == "not_before":
                asked.not_before = _position(value)
            else:
                expected = ", ".join((*(("kind",) if has_kinds else ()), *names))
                problems.append(
                    Problem(code="api.parameter_unknown", expected=expected, found=name[:100])
                )
        except InvalidInput as error:
            problems += error.problems
    if needed and needed not in seen:
        problems.append(Problem(code="api.codes_wrong_number", expected="1", found="0"))
    if problems:
        raise InvalidInput(problems)
    return asked


def _position(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= _POSITION_DIGITS_MAX):
        raise InvalidInput(
            Problem(code="query.integer_wrong", where="not_before", found=text[:100])
        )
    return int(text)


def _number(text: str, where: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise InvalidInput(Problem(code="query.number_wrong", where=where, found=text[:100]))
    return number


def _format(text: str) -> str:
    if text not in _FORMATS:
        raise InvalidInput(
            Problem(code="api.format_unknown", expected=", ".join(_FORMATS), found=text[:100])
        )
    return text


def _json(value: msgspec.Struct, position: int) -> Response:
    headers = {"X-Suyuan-Position": str(position)}
    return Response(msgspec.json.encode(value), media_type="application/json", headers=headers)


def _csv(text: str, name: str, position: int) -> Response:
    headers = {
        "X-Suyuan-Position": str(position),
        "Content-Disposition": f'attachment; filename="{name}.csv"',
    }
    return Response(text, media_type="text/csv; charset=utf-8", headers=headers)
