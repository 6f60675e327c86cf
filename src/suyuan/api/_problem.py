"""Problem documents: how every refusal is answered. 问题文档

Source: RFC 9457, with the exception types of the EPCIS 2.0 OpenAPI (`epcisException:…`).
Beside the standard's members stand our stable `code` and `errors`, the list of everything
that is wrong, in the language that the caller asks for.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
from lxml import etree
from starlette.responses import Response

from suyuan.errors import (
    Denied,
    IntegrityBroken,
    InvalidInput,
    Language,
    NotFound,
    Problem,
    Refused,
    SuyuanError,
    Unavailable,
)

__all__ = [
    "HttpProblem",
    "as_http_problem",
    "fill_problem",
    "problem_response",
    "refuse",
    "shown_problems",
    "stored_problems",
    "xml_text",
]

_XML_NAMESPACE = "urn:epcglobal:epcis:xsd:2"
_OWN_NAMESPACE = "https://ns.suyuan.dev/problem/"
_STANDARD_MEMBERS = ("type", "title", "status", "detail", "instance")
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_SHOWN_MAX = 1_000
_RETRY_S = 2
_CHINESE = "zh"

# What each exception of the standard is called for people, and its status.
_TITLES: dict[str, tuple[int, str, str]] = {
    "ValidationException": (400, "The data is not valid", "数据无效"),
    "QueryParameterException": (400, "The query is not valid", "查询参数无效"),
    "SecurityException": (401, "A sign-in or an API key is needed", "需要登录或接口密钥"),
    "Forbidden": (403, "This is not allowed", "没有权限"),
    "NoSuchNameException": (404, "There is no such resource", "资源不存在"),
    "MethodNotAllowed": (405, "This resource has no such method", "此资源不支持该方法"),
    "NotAcceptableException": (
        406,
        "No such representation can be given",
        "无法提供所要求的表示形式",
    ),
    "ResourceAlreadyExistsException": (409, "It exists already", "资源已存在"),
    "Refused": (409, "A rule refuses this for now", "规则暂时不允许"),
    "CaptureLimitExceededException": (413, "The document is too large", "文档过大"),
    "QueryTooLargeException": (413, "The answer is too large", "查询结果过大"),
    "QueryTooComplexException": (413, "The query takes too long", "查询过于复杂"),
    "URITooLongException": (414, "The address is too long", "请求地址过长"),
    "UnsupportedMediaTypeException": (415, "This format is not understood", "不支持的格式"),
    "TooManyRequests": (429, "Too many requests", "请求过于频繁"),
    "ImplementationException": (500, "The server failed", "服务器内部错误"),
    "NotImplemented": (501, "This is not supported", "不支持此功能"),
    "Unavailable": (503, "The server can't answer now", "服务暂时不可用"),
}
# Kinds that the standard has no name for; 501 has that of a failure there.
_OWN = frozenset({"MethodNotAllowed", "Refused", "TooManyRequests", "Unavailable"})
_TYPES = {
    "Forbidden": "epcisException:SecurityException",
    "NotImplemented": "epcisException:ImplementationException",
}


class HttpProblem(Exception):
    """A refusal on its way out: what kind, and everything that is wrong."""

    def __init__(
        self,
        kind: str,
        problems: Iterable[Problem],
        *,
        status: int | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self.kind = kind
        self.status = status or _TITLES[kind][0]
        self.problems = tuple(problems)
        self.headers = dict(headers or {})
        super().__init__(self.problems)


def refuse(
    kind: str, code: str, *, headers: Mapping[str, str] | None = None, **said: Any
) -> HttpProblem:
    """Make a refusal with one problem, to be raised."""
    return HttpProblem(kind, [Problem(code=code, **said)], headers=headers)


def as_http_problem(error: SuyuanError, *, kind: str = "ValidationException") -> HttpProblem:
    """Say over HTTP what the rest of the house raised; `kind` is what invalid input is here."""
    match error:
        case InvalidInput() if error.code == "query.result_too_large":
            return HttpProblem("QueryTooLargeException", error.problems)
        case InvalidInput():
            return HttpProblem(kind, error.problems)
        case NotFound():
            return HttpProblem("NoSuchNameException", error.problems)
        case Refused():
            return HttpProblem("Refused", error.problems)
        case Denied():
            return HttpProblem("Forbidden", error.problems)
        case Unavailable() if error.code == "store.query_too_long":
            return HttpProblem("QueryTooComplexException", error.problems)
        case Unavailable():
            return HttpProblem(
                "Unavailable", error.problems, headers={"Retry-After": str(_RETRY_S)}
            )
        case IntegrityBroken():
            return HttpProblem("ImplementationException", error.problems)
    return HttpProblem("ImplementationException", error.problems)


def _document(problem: HttpProblem, language: Language, instance: str) -> dict[str, Any]:
    _, english, chinese = _TITLES[problem.kind]
    known = _TYPES.get(problem.kind, f"epcisException:{problem.kind}")
    document: dict[str, Any] = {
        "type": "about:blank" if problem.kind in _OWN else known,
        "title": chinese if language == "zh" else english,
        "status": problem.status,
    }
    if problem.problems:
        document["detail"] = problem.problems[0].text(language)
    if instance:
        document["instance"] = instance
    if problem.problems:
        document["code"] = problem.problems[0].code
        document["errors"] = [one.as_dict(language) for one in problem.problems[:_SHOWN_MAX]]
        if len(problem.problems) > _SHOWN_MAX:
            document["errorsLeftOut"] = len(problem.problems) - _SHOWN_MAX
    return document


def stored_problems(
    problems: Iterable[Problem], *, kind: str = "ValidationException"
) -> list[dict[str, Any]]:
    """Give problems as a capture job keeps them: in English, with the texts in Chinese beside."""
    kept = []
    for problem in problems:
        document = _document(HttpProblem(kind, [problem]), "en", "")
        del document["errors"]
        said = problem.as_dict("en")
        document |= {
            key: said[key] for key in ("where", "rule", "expected", "found") if key in said
        }
        chinese = _document(HttpProblem(kind, [problem]), "zh", "")
        document[_CHINESE] = {key: chinese[key] for key in ("title", "detail")}
        kept.append(document)
    return kept


def shown_problems(kept: Iterable[dict[str, Any]], language: Language) -> list[dict[str, Any]]:
    """Give kept problems as the problem documents that a capture job shows."""
    return [
        {key: value for key, value in document.items() if key != _CHINESE}
        | (document.get(_CHINESE, {}) if language == "zh" else {})
        for document in kept
    ]


def problem_response(
    problem: HttpProblem, *, language: Language = "en", instance: str = "", is_xml: bool = False
) -> Response:
    """Answer with a problem document, in JSON or in XML."""
    document = _document(problem, language, instance)
    headers = {"Content-Language": language, "Cache-Control": "no-store", **problem.headers}
    if is_xml:
        return Response(
            _xml(document),
            problem.status,
            headers,
            media_type="application/problem+xml",
        )
    return Response(
        msgspec.json.encode(document),
        problem.status,
        headers,
        media_type="application/problem+json",
    )


def _xml(document: Mapping[str, Any]) -> bytes:
    names = {"epcis": _XML_NAMESPACE, "suyuan": _OWN_NAMESPACE}
    top = etree.Element(f"{{{_XML_NAMESPACE}}}EPCISException", nsmap=names)
    fill_problem(top, document)
    return bytes(etree.tostring(top, xml_declaration=True, encoding="UTF-8"))


def fill_problem(element: etree._Element, document: Mapping[str, Any]) -> None:
    """Write a problem into an element, as the standard's XML schema has it.

    The schema lets what is ours follow in a name space of our own.
    """
    for name in _STANDARD_MEMBERS:
        if name in document:
            etree.SubElement(element, name).text = xml_text(str(document[name]))
    for name, value in document.items():
        if name in _STANDARD_MEMBERS:
            continue
        own = f"{{{_OWN_NAMESPACE}}}"
        if isinstance(value, list):
            for item in value:
                error = etree.SubElement(element, own + "error")
                for key, text in item.items():
                    etree.SubElement(error, own + key).text = xml_text(str(text))
        else:
            etree.SubElement(element, own + name).text = xml_text(str(value))


def xml_text(text: str) -> str:
    """Replace what XML can't hold, so that an error about such a character can be told."""
    return _NOT_XML.sub("\ufffd", text)
