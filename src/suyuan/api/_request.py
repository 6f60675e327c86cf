"""What handlers ask of a request: path values, query parameters, pages. 请求解析"""

from __future__ import annotations

import re
from datetime import datetime
from urllib.parse import parse_qsl, quote, unquote, urlencode

from starlette.requests import Request

from suyuan.api._problem import HttpProblem, refuse
from suyuan.api._services import caller_of, services_of

__all__ = [
    "base_url",
    "next_page_headers",
    "page_size",
    "page_token",
    "path_value",
    "query_pairs",
    "question",
    "timestamp",
    "without_paging",
]

_PER_PAGE = 30
_PARAMETERS_MAX = 1_000
_HOST = re.compile(r"[A-Za-z0-9.:\[\]_-]{1,255}")
_PAGING = ("perPage", "nextPageToken")

Pairs = list[tuple[str, str]]


def path_value(request: Request, name: str) -> str:
    """Give a value out of the path, percent-decoded. Raises a 404 problem for no text at all."""
    try:
        value = unquote(request.path_params[name], errors="strict")
    except UnicodeDecodeError as error:
        raise _no_text(name) from error
    if not value or "\x00" in value:
        raise _no_text(name)
    return value


def _no_text(name: str) -> HttpProblem:
    return refuse("NoSuchNameException", "api.path_wrong", where=name)


def query_pairs(request: Request) -> Pairs:
    """Give all query parameters in their order, names and values decoded."""
    text = request.scope.get("query_string", b"").decode("latin-1")
    try:
        return parse_qsl(
            text,
            keep_blank_values=True,
            strict_parsing=False,
            errors="strict",
            max_num_fields=_PARAMETERS_MAX,
        )
    except ValueError as error:  # Not UTF-8, or too many.
        raise refuse("QueryParameterException", "api.query_string_wrong") from error


def without_paging(pairs: Pairs) -> Pairs:
    """Leave out what says which page."""
    return [pair for pair in pairs if pair[0] not in _PAGING]


def _single(pairs: Pairs, name: str) -> str:
    values = [value for key, value in pairs if key == name]
    if len(values) > 1:
        raise refuse(
            "QueryParameterException",
            "query.values_too_many",
            where=name,
            expected="1",
            found=str(len(values)),
        )
    return values[0].strip() if values else ""


def page_size(request: Request, pairs: Pairs) -> int:
    """Give how many things a page may have: as asked, but no more than the settings say."""
    text = _single(pairs, "perPage")
    most = services_of(request).settings.page_size_max
    if not text:
        return min(_PER_PAGE, most)
    if not (text.isascii() and text.isdigit() and len(text) <= 9 and int(text) > 0):
        raise refuse(
            "QueryParameterException", "query.integer_wrong", where="perPage", found=text[:100]
        )
    return min(int(text), most)


def page_token(pairs: Pairs) -> str:
    """Give the token of the page asked for, empty for the first."""
    return _single(pairs, "nextPageToken")


def question(request: Request, pairs: Pairs) -> str:
    """Name what is asked, so that a token for one question opens no other."""
    return request.url.path + "?" + urlencode(sorted(without_paging(pairs)))


def next_page_headers(request: Request, pairs: Pairs, state: object) -> dict[str, str]:
    """Give the headers that lead to the next page."""
    services, caller = services_of(request), caller_of(request)
    token, expires = services.tokens.make(caller.tenant_id, question(request, pairs), state)
    kept = [pair for pair in pairs if pair[0] != "nextPageToken"]
    address = base_url(request) + request.scope["path"]
    query = urlencode([*kept, ("nextPageToken", token)], quote_via=quote)
    return {
        "Link": f'<{address}?{query}>; rel="next"',
        "GS1-Next-Page-Token-Expires": timestamp(expires),
    }


def base_url(request: Request) -> str:
    """Give the address under which people reach this server."""
    configured = services_of(request).settings.base_url.rstrip("/")
    if configured:
        return configured
    host = request.headers.get("host", "")
    return f"{request.url.scheme}://{host}" if _HOST.fullmatch(host) else ""


def timestamp(moment: datetime) -> str:
    """Write a time to the second, in UTC."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
