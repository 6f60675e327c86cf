"""`/api/demo/labels`: a sheet of labels to print and to scan, of the codes worth trying. 示例标签

Each is drawn as it would be in a plant: a logistic unit as GS1-128, an item or a lot as GS1
DataMatrix, everything else as a QR Code with its Digital Link. Rendered without any script.
"""

from __future__ import annotations

import base64
import hashlib
from html import escape

import zxingcpp
from fastapi import Request
from starlette.responses import HTMLResponse, Response

from suyuan.api import _openapi_phone as describe
from suyuan.api._media import language_of
from suyuan.api._router import Router
from suyuan.api._services import services_of
from suyuan.api._symbols import svg_of
from suyuan.api.objects import demo_codes
from suyuan.demo import StoryCode
from suyuan.errors import Language
from suyuan.identifier import Element, as_bracketed, parse

__all__ = ["label_symbol", "router"]

router = Router(prefix="/api", tags=["Traceability"])

_STYLE = """
:root{color-scheme:light;--soft:#566374;--line:#c9d1d9}
*{box-sizing:border-box}
body{margin:0;background:#fff;color:#111;font:15px/1.4 system-ui,-apple-system,"Segoe UI",
"Noto Sans CJK SC","Microsoft YaHei","WenQuanYi Micro Hei",sans-serif}
main{max-width:62rem;margin:0 auto;padding:1.5rem}
h1{font-size:1.5rem;margin:0}
p{margin:.3rem 0;color:var(--soft)}
ul{list-style:none;margin:1.25rem 0 0;padding:0;display:grid;gap:.8rem;
grid-template-columns:repeat(auto-fill,minmax(min(19rem,100%),1fr))}
li{border:1px solid var(--line);border-radius:.4rem;padding:.9rem 1rem;display:grid;
grid-template-rows:auto 1fr auto;gap:.6rem;break-inside:avoid}
li b{font-size:1rem}
li div{display:flex;align-items:center;justify-content:center;min-height:8.5rem}
li svg{height:7.5rem;width:auto;max-width:100%}
li .wide svg{height:5.5rem}
li code{font:.85rem/1.35 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;
overflow-wrap:anywhere;text-align:center}
@page{margin:12mm}
@media print{main{padding:0;max-width:none}ul{grid-template-columns:repeat(3,1fr)}}
"""
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_HEADERS = {
    "Content-Security-Policy": f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; "
    "base-uri 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
}
_TEXTS: dict[str, dict[Language, str]] = {
    "title": {"en": "Labels to scan", "zh": "可供扫描的示例标签"},
    "lead": {
        "en": "Codes of the demo dairy. Print this page, or scan it from the screen: open /m on "
        "your phone, or use a hand scanner.",
        "zh": "演示乳品厂的编码。可打印本页，也可直接扫描屏幕：用手机打开 /m，或使用扫码枪。",
    },
}


@router.get("/demo/labels", openapi_extra=describe.LABELS)
def show_labels(request: Request) -> Response:
    """Give a sheet of labels with the codes worth trying, where the record is the demo's."""
    language = language_of(request)
    codes = demo_codes(services_of(request), "/api/demo/labels")
    labels = "".join(_label(one, language) for one in codes)
    lang = "zh-CN" if language == "zh" else "en"
    page = (
        f"<!doctype html><html lang='{lang}'><head><meta charset='utf-8'>"
        "<meta name='viewport' content='width=device-width, initial-scale=1'>"
        f"<title>{_TEXTS['title'][language]} · Suyuan 溯源</title><style>{_STYLE}</style></head>"
        f"<body><main><h1>{_TEXTS['title'][language]}</h1><p>{_TEXTS['lead'][language]}</p>"
        f"<ul>{labels}</ul></main></body></html>"
    )
    return HTMLResponse(page, headers=_HEADERS | {"Content-Language": lang, "Vary": "Cookie"})


def _label(one: StoryCode, language: Language) -> str:
    symbol = label_symbol(one.scan)
    is_wide = symbol.format == zxingcpp.BarcodeFormat.Code128
    title = one.title_zh if language == "zh" else one.title_en
    return (
        f"<li><b>{escape(title)}</b><div{' class=wide' if is_wide else ''}>{svg_of(symbol)}</div>"
        f"<code>{escape(one.scan)}</code></li>"
    )


def label_symbol(code: str) -> zxingcpp.Barcode:
    """Draw a code as the label of its kind of thing bears it. Raises InvalidInput."""
    read = parse(code)
    formats = {"sscc": zxingcpp.BarcodeFormat.Code128}
    if read.ai == "01":
        formats[read.kind] = zxingcpp.BarcodeFormat.DataMatrix
    if read.kind in formats:
        printed = as_bracketed((Element(read.ai, read.key), *read.qualifiers))
        return zxingcpp.create_barcode(printed, formats[read.kind], gs1=True, force_square=True)
    return zxingcpp.create_barcode(read.canonical, zxingcpp.BarcodeFormat.QRCode, ec_level="M")
