"""`/sign_in` and `/enter/…`: to come in without any script. 登录页

Forms as HTML has them. Each carries a token that its cookie carries too, which no other site
can read or set for us; so nobody is signed in by a page that is not ours. Looking at a
one-time link uses nothing up: previews of messages look too.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from html import escape
from typing import Annotated
from urllib.parse import parse_qs

from fastapi import Depends, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from suyuan.account import Link, enter, find_link
from suyuan.api._body import read_small_body
from suyuan.api._cookie import check_origin, give_session
from suyuan.api._media import language_of
from suyuan.api._problem import refuse
from suyuan.api._request import path_value
from suyuan.api._router import Router
from suyuan.api._services import address_of, browser_of, services_of
from suyuan.api.session import as_sign_in_problem
from suyuan.errors import LANGUAGES, Denied, InvalidInput, Language, NotFound, SuyuanError

__all__ = ["router"]

router = Router(include_in_schema=False)

_FORM_COOKIE = "suyuan_form"
_STYLE = """
:root{color-scheme:light dark;--ink:#1c2430;--soft:#5d6b7c;--line:#c6ced8;--paper:#fff;
--ground:#f5f7f9;--accent:#0b6e5f;--on:#fff;--bad:#a3261d}
@media(prefers-color-scheme:dark){:root{--ink:#e6ebf0;--soft:#9aa8b7;--line:#3b4755;
--paper:#182029;--ground:#10161c;--accent:#4cc3ae;--on:#10161c;--bad:#ff9b90}}
*{box-sizing:border-box}
body{margin:0;min-height:100vh;display:grid;place-items:center;background:var(--ground);
color:var(--ink);font:16px/1.55 system-ui,-apple-system,"Segoe UI","Noto Sans CJK SC",
"Microsoft YaHei","WenQuanYi Micro Hei",sans-serif}
main{width:min(24rem,100%);padding:1.25rem}
header{display:flex;align-items:baseline;gap:1rem}
h1{font-size:1.6rem;line-height:1.2;margin:0;white-space:nowrap}
h1 small{display:inline;font-size:1rem;font-weight:400;color:var(--soft);margin-left:.4rem}
nav{margin-left:auto}
nav a,nav b{margin-left:.6rem}
a{color:var(--accent)}
form{background:var(--paper);border:1px solid var(--line);border-radius:.6rem;padding:1.25rem;
margin-top:1rem}
h2{font-size:1.15rem;margin:0 0 .75rem}
p{margin:.5rem 0}
label{display:block;margin-top:.9rem;font-weight:600}
small{display:block;font-weight:400;color:var(--soft)}
input{width:100%;min-height:3rem;padding:.5rem .75rem;margin-top:.25rem;font:inherit;
color:inherit;background:var(--ground);border:1px solid var(--line);border-radius:.4rem}
button{width:100%;min-height:3rem;margin-top:1.25rem;font:inherit;font-weight:600;
color:var(--on);background:var(--accent);border:0;border-radius:.4rem;cursor:pointer}
:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
.bad{color:var(--bad);font-weight:600}
"""
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_HEADERS = {
    "Content-Security-Policy": f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
    # Not no-referrer: with that, browsers say of a form that it comes from nowhere.
    "Referrer-Policy": "same-origin",
}
_TEXTS: dict[str, dict[Language, str]] = {
    "sign_in": {"en": "Sign in", "zh": "登录"},
    "name": {"en": "Name", "zh": "登录名"},
    "password": {"en": "Password", "zh": "密码"},
    "code": {"en": "Code of your phone", "zh": "动态验证码"},
    "code_hint": {"en": "Only if you have set it up.", "zh": "仅在已设置时填写。"},
    "first_start": {"en": "Become the administrator", "zh": "成为管理员"},
    "first_start_hint": {
        "en": "Nobody has an account here yet. Choose a name and a password.",
        "zh": "这里还没有任何账号。请设定登录名和密码。",
    },
    "invitation": {"en": "Welcome", "zh": "欢迎"},
    "invitation_hint": {
        "en": "Choose a password for your account {name}.",
        "zh": "请为您的账号 {name} 设定密码。",
    },
    "reset": {"en": "New password", "zh": "设定新密码"},
    "reset_hint": {
        "en": "Choose a new password for your account {name}.",
        "zh": "请为您的账号 {name} 设定新密码。",
    },
    "sign_in_hint": {
        "en": "You will be signed in as {name}.",
        "zh": "您将以 {name} 的身份登录。",
    },
    "new_password": {"en": "New password", "zh": "新密码"},
    "new_password_hint": {
        "en": "At least 10 characters; a sentence is good.",
        "zh": "至少 10 个字符，一句话就很好。",
    },
    "enter": {"en": "Go on", "zh": "继续"},
    "link_spent_hint": {
        "en": "Ask whoever gave it to you for a new one.",
        "zh": "请向发送者索取新的链接。",
    },
    "form_over": {
        "en": "This form was open for too long, or cookies are off. Please try again.",
        "zh": "表单已过期，或浏览器禁用了 Cookie，请重试。",
    },
}
_Fields = dict[str, str]


async def _read_form(request: Request) -> _Fields:
    """Give the first value of each field of a form that was sent."""
    body = await read_small_body(request)
    try:
        fields = parse_qs(body.decode("ascii"), keep_blank_values=True, max_num_fields=20)
    except ValueError as error:  # Not ASCII, or too many.
        raise refuse("ValidationException", "api.body_wrong", found="form") from error
    return {name: values[0] for name, values in fields.items()}


_Form = Annotated[_Fields, Depends(_read_form)]


@router.get("/sign_in")
def show_sign_in(request: Request) -> Response:
    """Show the form to sign in."""
    return _sign_in_page(request)


@router.post("/sign_in")
def sign_in(request: Request, form: _Form) -> Response:
    """Sign in and go to the first page; or show the form again, with what was wrong."""
    check_origin(request)
    if not _is_own_form(request, form):
        return _sign_in_page(request, said="form_over", status=403)
    try:
        token = services_of(request).sign_ins.sign_in(
            form.get("name", "")[:300],
            form.get("password", "")[:300],
            form.get("code", "")[:30],
            address=address_of(request),
            browser=browser_of(request),
        )
    except Denied as error:
        problem = as_sign_in_problem(error)
        page = _sign_in_page(request, error=error, status=problem.status, name=form.get("name", ""))
        page.headers.update(problem.headers)
        return page
    return _come_in(request, token)


@router.get("/enter/{token}")
def show_link(request: Request) -> Response:
    """Show what a one-time link is for; it is used up by the form alone."""
    try:
        link = find_link(services_of(request).database, path_value(request, "token"))
    except NotFound as error:
        return _spent_page(request, error)
    return _link_page(request, link)


@router.post("/enter/{token}")
def use_link(request: Request, form: _Form) -> Response:
    """Do what a one-time link is for, sign in, and go to the first page."""
    check_origin(request)
    database, token = services_of(request).database, path_value(request, "token")
    try:
        link = find_link(database, token)
        if not _is_own_form(request, form):
            return _link_page(request, link, said="form_over", status=403)
        session = enter(
            database,
            token,
            name=form.get("name", "")[:300],
            password=form.get("password", "")[:300],
            language=_language(request),
            address=address_of(request),
            browser=browser_of(request),
        )
    except InvalidInput as error:
        return _link_page(request, link, error=error, status=422, name=form.get("name", ""))
    except NotFound as error:
        return _spent_page(request, error)
    return _come_in(request, session)


def _come_in(request: Request, token: str) -> Response:
    response = RedirectResponse("/", 303)
    give_session(request, response, token)
    response.delete_cookie(_FORM_COOKIE, path="/")
    return response


def _is_own_form(request: Request, form: _Fields) -> bool:
    kept, sent = request.cookies.get(_FORM_COOKIE, ""), form.get("form", "")
    return bool(kept) and hmac.compare_digest(kept.encode(), sent.encode())


def _language(request: Request) -> Language:
    wanted = request.query_params.get("lang")
    return next((one for one in LANGUAGES if one == wanted), None) or language_of(request)


def _sign_in_page(
    request: Request,
    *,
    error: SuyuanError | None = None,
    said: str = "",
    status: int = 200,
    name: str = "",
) -> Response:
    language = _language(request)
    fields = (
        _field("name", language, value=name, autocomplete="username")
        + _field("password", language, kind="password", autocomplete="current-password")
        + _field("code", language, autocomplete="one-time-code", hint="code_hint", is_free=True)
    )
    return _page(request, "sign_in", "", fields, "sign_in", error=error, said=said, status=status)


def _link_page(
    request: Request,
    link: Link,
    *,
    error: SuyuanError | None = None,
    said: str = "",
    status: int = 200,
    name: str = "",
) -> Response:
    language = _language(request)
    fields = ""
    if link.kind == "first_start":
        fields += _field("name", language, value=name, autocomplete="username")
    if link.kind != "sign_in":
        fields += _field(
            "new_password",
            language,
            kind="password",
            autocomplete="new-password",
            hint="new_password_hint",
            sent_as="password",
        )
    hint = _TEXTS[f"{link.kind}_hint"][language].format(name=link.name)
    return _page(request, link.kind, hint, fields, "enter", error=error, said=said, status=status)


def _spent_page(request: Request, error: NotFound) -> Response:
    language = _language(request)
    body = (
        f"<form><h2 class='bad'>{escape(error.text(language))}</h2>"
        f"<p>{_TEXTS['link_spent_hint'][language]}</p>"
        f"<p><a href='/sign_in'>{_TEXTS['sign_in'][language]}</a></p></form>"
    )
    return HTMLResponse(_frame(request, language, body), 404, _HEADERS)


def _field(
    key: str,
    language: Language,
    *,
    kind: str = "text",
    value: str = "",
    autocomplete: str,
    hint: str = "",
    sent_as: str = "",
    is_free: bool = False,
) -> str:
    told = f"<small>{_TEXTS[hint][language]}</small>" if hint else ""
    required = "" if is_free else " required"
    return (
        f"<label>{_TEXTS[key][language]}{told}<input type='{kind}' name='{sent_as or key}' "
        f"value='{escape(value[:300])}' autocomplete='{autocomplete}' autocapitalize='none' "
        f"spellcheck='false' maxlength='200'{required}></label>"
    )


def _page(
    request: Request,
    title: str,
    hint: str,
    fields: str,
    button: str,
    *,
    error: SuyuanError | None,
    said: str,
    status: int,
) -> Response:
    language = _language(request)
    token = request.cookies.get(_FORM_COOKIE) or secrets.token_urlsafe(32)
    told = error.text(language) if error is not None else ""
    told = told or (_TEXTS[said][language] if said else "")
    body = (
        f"<form method='post'><h2>{_TEXTS[title][language]}</h2>"
        + (f"<p>{escape(hint)}</p>" if hint else "")
        + (f"<p class='bad' role='alert'>{escape(told)}</p>" if told else "")
        + f"<input type='hidden' name='form' value='{escape(token)}'>{fields}"
        f"<button>{_TEXTS[button][language]}</button></form>"
    )
    response = HTMLResponse(_frame(request, language, body), status, _HEADERS)
    response.set_cookie(
        _FORM_COOKIE,
        token,
        max_age=3600,
        path="/",
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
    )
    return response


def _frame(request: Request, language: Language, body: str) -> str:
    other = "<b>EN</b> <a href='?lang=zh'>中文</a>"
    if language == "zh":
        other = "<a href='?lang=en'>EN</a> <b>中文</b>"
    name = "溯源 <small>Suyuan</small>" if language == "zh" else "Suyuan <small>溯源</small>"
    return (
        f"<!doctype html><html lang='{'zh-CN' if language == 'zh' else 'en'}'><head>"
        "<meta charset='utf-8'><meta name='viewport' content='width=device-width,initial-scale=1'>"
        f"<title>{_TEXTS['sign_in'][language]} · Suyuan 溯源</title><style>{_STYLE}</style></head>"
        f"<body><main><header><h1>{name}</h1><nav>{other}</nav></header>{body}</main></body></html>\n"
    )
