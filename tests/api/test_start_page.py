"""The start page: in two languages, without script, and silent about a record that is no demo."""

from __future__ import annotations

import base64
import hashlib
import re
from pathlib import Path

import httpx
import pytest

import suyuan.demo
from suyuan.api import create_app
from suyuan.api.start_page import _step_name
from suyuan.demo._stations import NAMESPACE
from suyuan.event import BUSINESS_STEP
from tests.api.conftest import listening
from tests.api.documents import document, object_event


@pytest.fixture(scope="module")
def page(server) -> str:
    server.capture(
        document(
            object_event(epcList=["https://id.gs1.org/01/09506000134352/21/%3Cscript%3E"]),
            object_event(epcList=["https://id.gs1.org/01/09506000134352/21/S1"]),
        )
    )
    return str(server.stranger.get("/").text)


def test_it_shows_what_is_in_the_record_of_a_demo(server, page):
    assert "<dt>Events</dt><dd>2</dd>" in page
    assert "shipping" in page
    assert "https://id.gs1.org/01/09506000134352/21/S1" in page


def test_it_speaks_the_language_of_the_visitor(server, page):
    chinese = server.stranger.get("/", headers={"Accept-Language": "zh-CN,zh;q=0.9,en;q=0.5"})
    assert "<html lang='zh-CN'>" in chinese.text
    assert "发货" in chinese.text
    assert server.stranger.get("/?lang=en", headers={"Accept-Language": "zh"}).text == page


def test_it_lets_in_its_own_style_and_nothing_else(server, page):
    answer = server.stranger.get("/")
    policy = answer.headers["Content-Security-Policy"]
    style = re.search(r"<style>(.*?)</style>", page, re.DOTALL)
    assert style is not None
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in policy
    assert policy.startswith("default-src 'none'")
    assert "<script" not in page
    assert " style=" not in page
    assert "src=" not in page


def test_it_says_nothing_of_a_record_that_is_no_demo(server):
    with listening(create_app(server.database, server.settings)) as url:
        text = httpx.get(url + "/").text
    assert "<dt>" not in text
    assert "/09506000134352/21/S1" not in text


def test_a_business_step_of_one_s_own_is_shown_by_its_last_part(fresh_server):
    own = ["https://ns.suyuan.dev/plant/filling", "https://ns.example/quick_freezing"]
    like_a_standard_one = "https://ns.example/shipping"
    steps = [*own, like_a_standard_one, "sensor_reporting"]
    fresh_server.capture(document(*(object_event(bizStep=step) for step in steps)))
    shown = {
        language: re.findall(
            "<th title='(.*?)'>(.*?)</th>", fresh_server.stranger.get(f"/?lang={language}").text
        )
        for language in ("en", "zh")
    }
    sensor = "https://ref.gs1.org/cbv/BizStep-sensor_reporting"
    assert dict(shown["en"]) == {
        own[0]: "filling",
        own[1]: "quick freezing",
        like_a_standard_one: like_a_standard_one,
        sensor: "sensor reporting",
    }
    assert dict(shown["zh"]) == {
        own[0]: "灌装",
        own[1]: "quick_freezing",
        like_a_standard_one: like_a_standard_one,
        sensor: "传感器上报",
    }


def test_every_business_step_of_the_standard_and_of_the_demo_has_a_chinese_name():
    source = "".join(page.read_text() for page in Path(suyuan.demo.__path__[0]).glob("*.py"))
    own = {f"{NAMESPACE}{word}" for word in re.findall(r'own_step\("(\w+)"\)', source)}
    assert own
    for step in (*BUSINESS_STEP.words, *own):
        assert re.search(r"[一-鿿]", _step_name(step, "zh")), step
