"""`/trust`: how a phone or a computer comes to trust this server's own certificates. 信任

Rendered here, open to everybody, without any script: who does not trust the server yet has
no other page. A small listener without TLS can show it too, and nothing else.
"""

from __future__ import annotations

import base64
import hashlib
from html import escape
from pathlib import Path

from fastapi import Request
from starlette.applications import Starlette
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from suyuan.api._media import language_of
from suyuan.api._picture import qr_code
from suyuan.api._problem import refuse
from suyuan.api._request import base_url
from suyuan.api._router import Router
from suyuan.api._services import services_of
from suyuan.errors import LANGUAGES, Language
from suyuan.tls import Authority, own_authority

__all__ = ["help_app", "router"]

router = Router(include_in_schema=False)
_STYLE = """
:root{color-scheme:light dark;--ink:#1c2430;--soft:#566374;--line:#dfe4ea;--paper:#fff;
--ground:#f5f7f9;--accent:#0b6e5f;--on:#fff;--code:#eef2f4}
@media(prefers-color-scheme:dark){:root{--ink:#e6ebf0;--soft:#9aa8b7;--line:#2c3642;
--paper:#182029;--ground:#10161c;--accent:#4cc3ae;--on:#06231e;--code:#222c37}}
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--ink);font:16px/1.55 system-ui,-apple-system,
"Segoe UI","Noto Sans CJK SC","Microsoft YaHei","WenQuanYi Micro Hei",sans-serif}
main{max-width:46rem;margin:0 auto;padding:1.5rem 1rem 3rem}
header{display:flex;align-items:baseline;gap:1rem;flex-wrap:wrap}
h1{font-size:1.6rem;line-height:1.25;margin:0}
h2{font-size:1.1rem;margin:0 0 .5rem}
nav{margin-left:auto}
nav a,nav b{margin-left:.6rem}
a{color:var(--accent)}
section{background:var(--paper);border:1px solid var(--line);border-radius:.6rem;
padding:1rem 1.25rem;margin-top:1rem}
ol{margin:.25rem 0;padding-left:1.3rem}
li{margin:.3rem 0}
a.button{display:inline-block;background:var(--accent);color:var(--on);text-decoration:none;
font-weight:600;border-radius:.4rem;padding:.75rem 1.1rem;margin:.4rem 0}
code{font:.85rem/1.6 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;background:var(--code);
border-radius:.3rem;padding:.15rem .4rem;overflow-wrap:anywhere}
svg{display:block;width:11rem;height:11rem;border-radius:.4rem;margin:.5rem 0}
.soft{color:var(--soft)}
"""
_DIGEST = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_HEADERS = {
    "Content-Security-Policy": f"default-src 'none'; style-src 'sha256-{_DIGEST}'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}
_TEXTS: dict[str, dict[Language, str]] = {
    "title": {"en": "Trust this server", "zh": "信任此服务器"},
    "lead": {
        "en": "This server makes its own certificates. A device that trusts it opens the pages "
        "without a warning, and lets them use the camera and work without a network. It takes "
        "two minutes, once a device.",
        "zh": "此服务器使用自己签发的证书。设备信任它之后，打开页面不再出现警告，"
        "并可使用摄像头和离线功能。每台设备只需设置一次，约两分钟。",
    },
    "none": {
        "en": "This server makes no certificates of its own, so that there is nothing to trust. "
        "Start it with <code>suyuan serve --tls</code> if phones shall use their camera.",
        "zh": "此服务器没有自己签发的证书，因此无需设置信任。如需在手机上使用摄像头，"
        "请用 <code>suyuan serve --tls</code> 启动。",
    },
    "get": {"en": "1. Get the certificate", "zh": "1. 下载证书"},
    "download": {"en": "Download ca.crt", "zh": "下载 ca.crt"},
    "fingerprint": {
        "en": "Its SHA-256 fingerprint. Compare it with the one that the server's console shows:",
        "zh": "SHA-256 指纹，请与服务器控制台显示的指纹核对：",
    },
    "scope": {
        "en": "It is good for this server's names and for internal networks alone: it can not "
        "stand for any other site.",
        "zh": "此证书仅对本服务器的名称和内部网络有效，不能冒充其他网站。",
    },
    "scan": {"en": "On a phone, scan this to come here:", "zh": "用手机扫描即可打开本页："},
    "install": {"en": "2. Have the device trust it", "zh": "2. 在设备上设为信任"},
    "open": {"en": "3. Open the pages", "zh": "3. 打开页面"},
    "go": {"en": "Open Suyuan", "zh": "打开溯源"},
}
_DEVICES: tuple[tuple[str, dict[Language, tuple[str, ...]]], ...] = (
    (
        "Android, HarmonyOS",
        {
            "en": (
                "Download the certificate.",
                "Open Settings and search for “CA certificate” (Security → Encryption and "
                "credentials → Install a certificate → CA certificate).",
                "Choose “Install anyway”, then the file <code>ca.crt</code>.",
            ),
            "zh": (
                "下载证书。",
                "打开“设置”，搜索“CA 证书”（安全 → 加密与凭据 → 安装证书 → CA 证书）。",
                "选择“仍然安装”，再选中文件 <code>ca.crt</code>。",
            ),
        },
    ),
    (
        "iPhone, iPad",
        {
            "en": (
                "Open this page in Safari, download the certificate and allow the profile.",
                "Settings → General → VPN &amp; Device Management: install the profile.",
                "Settings → General → About → Certificate Trust Settings: switch it on.",
            ),
            "zh": (
                "用 Safari 打开本页，下载证书并允许描述文件。",
                "设置 → 通用 → VPN 与设备管理：安装该描述文件。",
                "设置 → 通用 → 关于本机 → 证书信任设置：打开开关。",
            ),
        },
    ),
    (
        "Windows",
        {
            "en": (
                "Download the certificate and open it; choose “Install Certificate”.",
                "Choose “Local Machine”, then “Place all certificates in the following store” "
                "and “Trusted Root Certification Authorities”.",
                "Restart the browser.",
            ),
            "zh": (
                "下载证书并打开，选择“安装证书”。",
                "选择“本地计算机”，再选“将所有的证书都放入下列存储”和“受信任的根证书颁发机构”。",
                "重新启动浏览器。",
            ),
        },
    ),
    (
        "Mac",
        {
            "en": (
                "Download the certificate and open it; it appears in Keychain Access.",
                "Open it there, unfold “Trust” and choose “Always Trust”.",
            ),
            "zh": (
                "下载证书并打开，它会出现在“钥匙串访问”中。",
                "双击打开，展开“信任”，选择“始终信任”。",
            ),
        },
    ),
)


@router.get("/trust")
def show_trust(request: Request) -> Response:
    """Show how a device comes to trust this server."""
    data = services_of(request).settings.data
    return _page(request, data, f"{base_url(request)}/trust", f"{base_url(request)}/")


@router.get("/trust/ca.crt")
def give_authority(request: Request) -> Response:
    """Give the certificate of the server's own authority."""
    authority = own_authority(services_of(request).settings.data)
    if authority is None:
        raise refuse("NoSuchNameException", "api.resource_unknown", found="/trust/ca.crt")
    return _certificate(authority)


def help_app(data: Path, port: int) -> Starlette:
    """Make the little application without TLS: the page of trust, and the way to the others."""

    def host_of(request: Request) -> str:
        name = request.url.hostname or "localhost"
        return f"[{name}]" if ":" in name else name

    def trust(request: Request) -> Response:
        return _page(request, data, str(request.url), f"https://{host_of(request)}:{port}/")

    def authority(_: Request) -> Response:
        found = own_authority(data)
        return Response(status_code=404) if found is None else _certificate(found)

    def elsewhere(request: Request) -> Response:
        return RedirectResponse(f"https://{host_of(request)}:{port}/", 302)

    return Starlette(
        routes=[
            Route("/trust", trust),
            Route("/trust/ca.crt", authority),
            Route("/{rest:path}", elsewhere),
        ]
    )


def _certificate(authority: Authority) -> Response:
    headers = {
        "Content-Disposition": 'attachment; filename="ca.crt"',
        "Cache-Control": "no-store",
    }
    return Response(authority.der, headers=headers, media_type="application/x-x509-ca-cert")


def _page(request: Request, data: Path, here: str, pages: str) -> Response:
    wanted = request.query_params.get("lang")
    language: Language = next((one for one in LANGUAGES if one == wanted), language_of(request))
    text = {key: said[language] for key, said in _TEXTS.items()}
    other = "<b>EN</b> <a href='?lang=zh'>中文</a>"
    if language == "zh":
        other = "<a href='?lang=en'>EN</a> <b>中文</b>"
    authority = own_authority(data)
    body = f"<p>{text['none']}</p>"
    if authority is not None:
        body = _steps(authority, text, language, here.partition("?")[0], pages)
    return HTMLResponse(
        f"<!doctype html><html lang='{'zh-CN' if language == 'zh' else 'en'}'><head>"
        "<meta charset='utf-8'><meta name='viewport' content='width=device-width,initial-scale=1'>"
        f"<title>{text['title']} · Suyuan 溯源</title><style>{_STYLE}</style></head><body><main>"
        f"<header><h1>{text['title']}</h1><nav>{other}</nav></header>{body}</main></body></html>\n",
        headers=_HEADERS | {"Content-Language": language, "Vary": "Accept-Language"},
    )


def _steps(
    authority: Authority, text: dict[str, str], language: Language, here: str, pages: str
) -> str:
    devices = "".join(
        f"<h3>{name}</h3><ol>{''.join(f'<li>{one}</li>' for one in said[language])}</ol>"
        for name, said in _DEVICES
    )
    return (
        f"<p class='soft'>{text['lead']}</p>"
        f"<section><h2>{text['get']}</h2>"
        f"<p><a class='button' href='/trust/ca.crt'>{text['download']}</a></p>"
        f"<p>{text['fingerprint']}<br><code>{authority.fingerprint}</code></p>"
        f"<p class='soft'>{text['scope']}</p>"
        f"<p>{text['scan']}</p>{qr_code(here)}<p><code>{escape(here)}</code></p></section>"
        f"<section><h2>{text['install']}</h2>{devices}</section>"
        f"<section><h2>{text['open']}</h2>"
        f"<p><a class='button' href='{escape(pages)}'>{text['go']}</a></p></section>"
    )
