"""`/`: the start page, for a person who has just started the server. 起始页

Rendered here, in English or Chinese, without any script; the content security policy lets in
nothing but our own style. What is in the record is shown only by a demo, whose data are made
up: anybody may see this page.
"""

from __future__ import annotations

import base64
import hashlib
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from threading import Lock
from typing import Any

import msgspec
from fastapi import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from suyuan import __version__
from suyuan.api._media import language_of
from suyuan.api._request import base_url
from suyuan.api._router import Router
from suyuan.api._services import Services, services_of
from suyuan.api.pages import are_built
from suyuan.demo import STORY_FILE, StoryCode
from suyuan.errors import LANGUAGES, Language
from suyuan.event import BUSINESS_STEP
from suyuan.store import Connection

__all__ = ["router"]

router = Router(include_in_schema=False)
_REMEMBERED_S = 10.0
_STEPS_SHOWN = 8
_DEMO_TENANT = "default"

_STYLE = """
:root{color-scheme:light dark;--ink:#1c2430;--soft:#5d6b7c;--line:#dfe4ea;--paper:#fff;
--ground:#f5f7f9;--accent:#0b6e5f;--code:#eef2f4}
@media(prefers-color-scheme:dark){:root{--ink:#e6ebf0;--soft:#9aa8b7;--line:#2c3642;
--paper:#182029;--ground:#10161c;--accent:#4cc3ae;--code:#222c37}}
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--ink);font:16px/1.55 system-ui,-apple-system,
"Segoe UI","Noto Sans CJK SC","Microsoft YaHei","WenQuanYi Micro Hei",sans-serif}
main{max-width:60rem;margin:0 auto;padding:2.5rem 1.25rem 4rem}
header{display:flex;align-items:baseline;gap:1rem;flex-wrap:wrap}
h1{font-size:2rem;line-height:1.2;margin:0;letter-spacing:-.01em}
h1 small{font-size:1.1rem;font-weight:400;color:var(--soft);margin-left:.5rem}
nav{margin-left:auto;font-size:.95rem}
nav a,nav b{margin-left:.75rem}
a{color:var(--accent);text-underline-offset:.15em}
p{margin:.5rem 0}
.lead{color:var(--soft);max-width:44rem}
h2{font-size:1.15rem;margin:2.25rem 0 .75rem}
section{background:var(--paper);border:1px solid var(--line);border-radius:.6rem;
padding:.25rem 1.25rem 1.1rem;margin-top:1.5rem}
section h2{margin-top:1rem}
dl{display:grid;grid-template-columns:repeat(auto-fit,minmax(9rem,1fr));gap:1rem;margin:1.5rem 0 0}
dl div{background:var(--paper);border:1px solid var(--line);border-radius:.6rem;padding:.8rem 1rem}
dt{color:var(--soft);font-size:.9rem}
dd{margin:.1rem 0 0;font-size:1.6rem;font-weight:600;font-variant-numeric:tabular-nums}
table{border-collapse:collapse;width:100%;font-size:.95rem}
th{text-align:left;font-weight:400;color:var(--soft);white-space:nowrap}
td,th{padding:.35rem 1rem .35rem 0;border-top:1px solid var(--line);vertical-align:middle}
tr:first-child td,tr:first-child th{border-top:0}
td.number{text-align:right;font-variant-numeric:tabular-nums;width:1%;padding-right:0}
ul{list-style:none;margin:0;padding:0;display:grid;gap:.25rem 2rem;
grid-template-columns:repeat(auto-fit,minmax(min(24rem,100%),1fr))}
li{border-top:1px solid var(--line);padding:.6rem 0}
li b,li code,li small{display:block}
li small{font-size:.9rem;color:var(--soft)}
svg{display:block;width:100%;height:.7rem}
rect{fill:var(--accent)}
code,pre{font:.875rem/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
code{overflow-wrap:anywhere}
pre{background:var(--code);border-radius:.4rem;padding:.8rem 1rem;margin:.5rem 0;
white-space:pre-wrap;
overflow-wrap:anywhere}
footer{color:var(--soft);font-size:.9rem;margin-top:2rem}
"""
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_POLICY = (
    f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)

_TEXTS: dict[str, dict[Language, str]] = {
    "lead": {
        "en": "Where any product, lot or container came from, where it went, and what is "
        "affected, with proof.",
        "zh": "任何产品、批次或容器从哪里来、到哪里去、影响了什么，都有据可查、有证可验。",
    },
    "open": {"en": "Open the pages: scan, story, genealogy", "zh": "打开页面：扫码、履历、谱系"},
    "not_built": {
        "en": "The pages for the browser are not built here: <code>scripts/build-pages</code> "
        "builds them, and needs a network the first time.",
        "zh": "此处尚未生成浏览器页面：运行 <code>scripts/build-pages</code> "
        "即可生成，首次需要网络。",
    },
    "demo": {
        "en": "This is the demo plant: a dairy whose data are made up.",
        "zh": "这是演示工厂：一家乳品厂，数据均为虚构。",
    },
    "events": {"en": "Events", "zh": "事件"},
    "objects": {"en": "Identified things", "zh": "已标识对象"},
    "proven": {"en": "Covered by the log", "zh": "透明日志已覆盖"},
    "waiting": {"en": "Documents waiting", "zh": "待处理文档"},
    "steps": {"en": "What happened", "zh": "发生了什么"},
    "codes": {"en": "Codes to try", "zh": "可以试试的编码"},
    "lot": {"en": "Lot", "zh": "批次"},
    "serial": {"en": "Serialised item", "zh": "单品"},
    "container": {"en": "Logistic unit", "zh": "物流单元"},
    "place": {"en": "Place", "zh": "位置"},
    "ask": {"en": "Ask", "zh": "查询"},
    "ask_hint": {
        "en": "KEY is the API key that the first start printed. In a browser: any user name, the "
        "key as password.",
        "zh": "KEY 是首次启动时显示的接口密钥。浏览器中访问时：用户名任意，密码填密钥。",
    },
    "ask_item": {"en": "Everything that happened to one thing", "zh": "一个对象的全部事件"},
    "ask_step": {"en": "The last three shipments", "zh": "最近三次发货"},
    "ask_xml": {"en": "The same as XML", "zh": "同样的结果，XML 格式"},
    "capture": {"en": "Capture", "zh": "采集"},
    "capture_hint": {
        "en": "EPCIS 2.0 as JSON or XML, EPCIS 1.2 as XML, gzipped or not:",
        "zh": "支持 EPCIS 2.0 的 JSON 或 XML、EPCIS 1.2 的 XML，可用 gzip 压缩：",
    },
    "prove": {"en": "Prove", "zh": "证明"},
    "prove_hint": {
        "en": "The signed checkpoint of the transparency log needs no key:",
        "zh": "透明日志的签名检查点无需密钥即可获取：",
    },
    "more": {
        "en": "Health: <a href='/healthz'>/healthz</a>, <a href='/readyz'>/readyz</a>. "
        "All addresses (with key): <a href='/openapi.json'>/openapi.json</a>.",
        "zh": "运行状态：<a href='/healthz'>/healthz</a>、<a href='/readyz'>/readyz</a>。"
        "全部接口（需密钥）：<a href='/openapi.json'>/openapi.json</a>。",
    },
}
_STEPS_ZH = {
    "commissioning": "赋码",
    "creating_class_instance": "生产批次",
    "shipping": "发货",
    "receiving": "收货",
    "packing": "包装",
    "unpacking": "拆包",
    "storing": "存储",
    "stocking": "上架",
    "transporting": "运输",
    "inspecting": "检验",
    "sampling": "取样",
    "loading": "装车",
    "unloading": "卸车",
    "arriving": "到达",
    "departing": "离开",
    "picking": "拣货",
    "retail_selling": "零售",
    "destroying": "销毁",
    "decommissioning": "注销",
    "assembling": "组装",
    "disassembling": "拆解",
    "installing": "安装",
    "removing": "移除",
    "sensor_reporting": "传感器上报",
    "accepting": "接收确认",
    "holding": "暂扣",
    "staging_outbound": "备货",
    "repackaging": "重新包装",
    "collecting": "收集",
    "stock_taking": "盘点",
    "cycle_counting": "循环盘点",
    "dispensing": "分装",
    "killing": "宰杀",
    "entering_exiting": "进出",
    "reserving": "预留",
    "encoding": "写码",
    "repairing": "维修",
    "consigning": "交运",
    "void_shipping": "取消发货",
    "replacing": "更换",
    "other": "其他",
}
# Words of the demo's own.
_OWN_STEPS_ZH = {
    "https://ns.suyuan.dev/plant/churning": "搅拌制油",
    "https://ns.suyuan.dev/plant/fermenting": "发酵",
    "https://ns.suyuan.dev/plant/filling": "灌装",
    "https://ns.suyuan.dev/plant/pasteurising": "巴氏杀菌",
    "https://ns.suyuan.dev/plant/returning": "退回",
    "https://ns.suyuan.dev/plant/reworking": "返工",
    "https://ns.suyuan.dev/plant/washing": "清洗",
}


@dataclass(slots=True)
class _Shown:
    """What the page says about a record, and when that was looked up."""

    looked_up: float
    events: int = 0
    objects: int = 0
    proven: int = 0
    waiting: int = 0
    steps: list[tuple[str, int]] = field(default_factory=list)
    codes: list[tuple[str, str]] = field(default_factory=list)
    story: list[StoryCode] = field(default_factory=list)


class _Told(msgspec.Struct):
    """What we need of the page that `suyuan demo` writes."""

    codes: list[StoryCode]


_lock = Lock()


@router.get("/")
def show_start_page(request: Request) -> Response:
    """Show what is there, and what to do with it."""
    services = services_of(request)
    wanted = request.query_params.get("lang", "")
    is_person = "text/html" in request.headers.get("accept", "")
    if is_person and are_built() and not wanted:  # Programs and `?lang=` get this page.
        return RedirectResponse("/app", 303, {"Cache-Control": "no-store", "Vary": "Accept"})
    language: Language = wanted if wanted in LANGUAGES else language_of(request)
    shown = _shown(services) if services.is_demo else None
    return HTMLResponse(
        _page(shown, language, base_url(request)),
        headers={
            "Content-Security-Policy": _POLICY,
            "Content-Language": language,
            "Cache-Control": "no-store",
            "Vary": "Accept-Language",
        },
    )


def _shown(services: Services) -> _Shown:
    """Look at the record, at most once in some seconds: strangers may ask for this page."""
    with _lock:
        known = services.shown
        if isinstance(known, _Shown) and time.monotonic() - known.looked_up < _REMEMBERED_S:
            return known
        services.shown = shown = _look(services)
        return shown


def _look(services: Services) -> _Shown:
    shown = _Shown(time.monotonic())
    tenant_id = services.database.tenant_names().get(_DEMO_TENANT)
    if tenant_id is None:
        return shown
    patience_s = services.settings.query_time_limit_s
    with services.database.tenant(tenant_id, read_only=True, time_limit_s=patience_s) as connection:
        shown.events, shown.objects = _numbers(
            connection,
            "SELECT last_sequence, last_object FROM journal.head WHERE tenant_id = %s",
            tenant_id,
        )
        (shown.proven,) = _numbers(
            connection,
            "SELECT coalesce(max(size), 0) FROM tlog.checkpoint WHERE tenant_id = %s",
            tenant_id,
        )
        (shown.waiting,) = _numbers(
            connection,
            "SELECT count(*) FROM epcis.capture_job WHERE tenant_id = %s AND finished IS NULL",
            tenant_id,
        )
        shown.steps = [
            (step, count)
            for step, count in connection.execute(
                "SELECT business_step, count(*) FROM journal.event WHERE tenant_id = %s "
                "AND business_step IS NOT NULL GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT %s",
                (tenant_id, _STEPS_SHOWN),
            )
        ]
        shown.codes = _codes(connection, tenant_id)
    shown.story = _story(services.settings.data / STORY_FILE)
    return shown


def _story(page: Path) -> list[StoryCode]:
    """Give the codes worth trying that the demo left in the data folder, if there was one."""
    try:
        return msgspec.json.decode(page.read_bytes(), type=_Told).codes
    except (OSError, msgspec.DecodeError):
        return []


def _numbers(connection: Connection, statement: str, tenant_id: int) -> tuple[int, ...]:
    row = connection.execute(statement, (tenant_id,)).fetchone()
    assert row is not None
    return tuple(int(number) for number in row)


def _codes(connection: Connection, tenant_id: int) -> list[tuple[str, str]]:
    """Give one identifier of each kind, of those recorded last."""
    found: dict[str, str] = {}
    for (uri,) in connection.execute(
        "SELECT uri FROM journal.object WHERE tenant_id = %s ORDER BY object_id DESC LIMIT 5000",
        (tenant_id,),
    ):
        for kind, part in (
            ("lot", "/10/"),
            ("serial", "/21/"),
            ("container", "id.gs1.org/00/"),
            ("place", "/414/"),
        ):
            if part in uri:
                found.setdefault(kind, uri)
    return [
        (kind, found[kind]) for kind in ("lot", "serial", "container", "place") if kind in found
    ]


def _page(shown: _Shown | None, language: Language, base: str) -> str:
    text = {key: texts[language] for key, texts in _TEXTS.items()}
    other = "<b>EN</b> <a href='/?lang=zh'>中文</a>"
    if language == "zh":
        other = "<a href='/?lang=en'>EN</a> <b>中文</b>"
    name = "溯源 <small>Suyuan</small>" if language == "zh" else "Suyuan <small>溯源</small>"
    parts = [
        "<!doctype html>",
        f"<html lang='{'zh-CN' if language == 'zh' else 'en'}'><head><meta charset='utf-8'>",
        "<meta name='viewport' content='width=device-width,initial-scale=1'>",
        f"<title>Suyuan 溯源</title><style>{_STYLE}</style></head><body><main>",
        f"<header><h1>{name}</h1><nav>{other}</nav></header>",
        f"<p class='lead'>{text['lead']}</p>",
        f"<p>{_door(text)}</p>",
    ]
    if shown is not None:
        parts.append(_record(shown, text, language))
    parts.append(_how(shown, text, base))
    parts.append(f"<footer><p>{text['more']}</p><p>{escape(__version__)}</p></footer>")
    parts.append("</main></body></html>\n")
    return "".join(parts)


def _door(text: Mapping[str, str]) -> str:
    return f"<a href='/app'>{text['open']}</a>" if are_built() else text["not_built"]


def _record(shown: _Shown, text: Mapping[str, str], language: Language) -> str:
    numbers = "".join(
        f"<div><dt>{text[key]}</dt><dd>{value:,}</dd></div>"
        for key, value in (
            ("events", shown.events),
            ("objects", shown.objects),
            ("proven", shown.proven),
            ("waiting", shown.waiting),
        )
    )
    parts = [f"<p class='lead'>{text['demo']}</p><dl>{numbers}</dl>"]
    if shown.steps:
        most = max(count for _, count in shown.steps)
        rows = "".join(_bar(step, count, most, language) for step, count in shown.steps)
        parts.append(f"<section><h2>{text['steps']}</h2><table>{rows}</table></section>")
    if shown.story:
        tales = "".join(_tale(one, language) for one in shown.story)
        parts.append(f"<section><h2>{text['codes']}</h2><ul>{tales}</ul></section>")
    elif shown.codes:
        rows = "".join(
            f"<tr><th>{text[kind]}</th><td><code>{escape(uri)}</code></td></tr>"
            for kind, uri in shown.codes
        )
        parts.append(f"<section><h2>{text['codes']}</h2><table>{rows}</table></section>")
    return "".join(parts)


def _tale(one: StoryCode, language: Language) -> str:
    title, sentence = (one.title_zh, one.zh) if language == "zh" else (one.title_en, one.en)
    return (
        f"<li><b>{escape(title)}</b><code>{escape(one.scan)}</code>"
        f"<small>{escape(sentence)}</small></li>"
    )


def _bar(step: str, count: int, most: int, language: Language) -> str:
    name = _step_name(step, language)
    width = max(1, round(1000 * count / most))
    return (
        f"<tr><th title='{escape(step)}'>{escape(name)}</th>"
        "<td><svg viewBox='0 0 1000 10' preserveAspectRatio='none' "
        f"aria-hidden='true'><rect width='{width}' height='10' rx='3'/></svg></td>"
        f"<td class='number'>{count:,}</td></tr>"
    )


def _step_name(step: str, language: Language) -> str:
    """Give a business step as a person says it; its whole URI is told beside."""
    word = BUSINESS_STEP.short(step)
    if language == "zh":
        return _OWN_STEPS_ZH.get(step) or _STEPS_ZH.get(word, word)
    return word if word == step else word.replace("_", " ")


def _how(shown: _Shown | None, text: Mapping[str, str], base: str) -> str:
    codes: dict[str, Any] = dict(shown.codes) if shown else {}
    thing = codes.get("serial") or codes.get("lot") or "https://id.gs1.org/01/09506000134352/21/1"
    if shown and shown.story:
        thing = shown.story[0].code
    parameter = "MATCH_anyEPC" if "/21/" in thing else "MATCH_anyEPCClass"
    login = '-u ":$KEY"'
    ask = "\n".join(
        (
            f"URL={base} KEY=suyuan_…",
            f"# {text['ask_item']}",
            f'curl {login} -G "$URL/epcis/events" \\\n  --data-urlencode "{parameter}={thing}"',
            f"# {text['ask_step']}",
            f'curl {login} "$URL/epcis/events?EQ_bizStep=shipping&orderBy=eventTime&perPage=3"',
            f"# {text['ask_xml']}",
            f"curl {login} -H 'Accept: application/xml' \\\n  "
            '"$URL/epcis/events?EQ_bizStep=shipping&orderBy=eventTime&perPage=3"',
        )
    )
    capture = (
        f"curl {login} -H 'Content-Type: application/json' \\\n  "
        '--data-binary @delivery.json "$URL/epcis/capture"'
    )
    prove = f'curl "$URL/log/{_DEMO_TENANT}/checkpoint"'
    return "".join(
        f"<section><h2>{text[key]}</h2><p>{text[f'{key}_hint']}</p><pre>{escape(command)}</pre></section>"
        for key, command in (("ask", ask), ("capture", capture), ("prove", prove))
    )
