"""What the phone asks of the server: its pages, codes, pictures, labels."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator

import pytest
import zxingcpp

from suyuan.account import RoleGrant
from suyuan.api.labels import label_symbol
from suyuan.demo import DairyPlant
from suyuan.store import Database
from tests.api.conftest import Server, make_server
from tests.api.documents import document, object_event
from tests.api.people import make_user, signed_in

PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 32
JPEG = b"\xff\xd8\xff\xe0" + b"\x01" * 32
WEBP = b"RIFF\x20\x00\x00\x00WEBPVP8 " + b"\x02" * 20


@pytest.fixture(scope="module")
def server(
    embedded_databases: Callable[[], Database], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """Give a server with a data folder of its own."""
    yield from make_server(embedded_databases(), data=tmp_path_factory.mktemp("pictures"))


def address(data: bytes) -> str:
    return f"/api/attachments/{hashlib.sha256(data).hexdigest()}"


@pytest.mark.parametrize(
    ("data", "media_type"),
    [(PNG, "image/png"), (JPEG, "image/jpeg"), (WEBP, "image/webp")],
    ids=["png", "jpeg", "webp"],
)
def test_a_picture_is_kept_once_under_its_digest_and_given_back(server, data, media_type):
    headers = {"Content-Type": media_type}
    first = server.client.put(address(data), content=data, headers=headers)
    again = server.client.put(address(data), content=data, headers=headers)
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json()
    assert first.json()["media_type"] == media_type
    given = server.client.get(address(data))
    assert given.content == data
    assert given.headers["Content-Type"] == media_type
    assert "sandbox" in given.headers["Content-Security-Policy"]
    assert "immutable" in given.headers["Cache-Control"]


def test_what_is_no_picture_or_another_one_is_refused_with_all_that_is_wrong(server):
    headers = {"Content-Type": "image/png", "Accept-Language": "zh"}
    answer = server.client.put(address(PNG), content=b"<svg onload=x>", headers=headers)
    assert answer.status_code == 422
    codes = [one["code"] for one in answer.json()["errors"]]
    assert codes == ["attachment.kind_unknown", "attachment.digest_wrong"]
    assert "图片只接受" in answer.json()["detail"]
    svg = {"Content-Type": "image/svg+xml"}
    assert server.client.put(address(PNG), content=PNG, headers=svg).status_code == 415


def test_a_picture_that_is_too_large_is_refused_before_it_is_read(server):
    large = JPEG + b"\x00" * server.settings.attachment_bytes_max
    answer = server.client.put(
        address(large), content=large, headers={"Content-Type": "image/jpeg"}
    )
    assert answer.status_code == 413
    assert answer.json()["code"] == "api.body_too_large"


@pytest.mark.parametrize("wrong", ["0" * 64, "..%2F..%2Fkeys", "ABC", "0" * 63 + "G"])
def test_there_is_no_picture_under_any_other_name(server, wrong):
    answer = server.client.get(f"/api/attachments/{wrong}")
    assert answer.status_code == 404
    assert answer.json()["code"] == "attachment.unknown"


def test_pictures_belong_to_their_tenant_and_a_viewer_only_looks(server: Server):
    server.client.put(address(PNG), content=PNG, headers={"Content-Type": "image/png"})
    other = server.database.make_tenant("other-pictures")
    every = RoleGrant(role="administrator")
    stranger = signed_in(server, make_user(server, "looker", every, tenant_id=other))
    assert stranger.get(address(PNG)).status_code == 404
    viewer = signed_in(server, make_user(server, "viewer", RoleGrant(role="viewer")))
    assert viewer.get(address(PNG)).status_code == 200
    put = viewer.put(address(JPEG), content=JPEG, headers={"Content-Type": "image/jpeg"})
    assert put.status_code == 403


def test_the_story_tells_notes_and_pictures_and_survives_what_is_none(server):
    epc = "https://id.gs1.org/01/09506000134352/21/NOTED"
    digest = hashlib.sha256(PNG).hexdigest()
    own = {"@context": {"suyuan": "https://ns.suyuan.dev/"}}
    told = {
        "suyuan:note": "lid is dented",
        "suyuan:attachment": [
            {"suyuan:sha256": digest, "suyuan:mediaType": "image/png"},
            {"suyuan:sha256": 7},
        ],
    }
    strange = {"suyuan:note": 5, "suyuan:attachment": "no pointer"}
    for more in (told, strange):
        event = object_event(epcList=[epc]) | own | more
        assert server.capture(document(event))["success"] is True
    events = server.client.get("/api/history", params={"code": epc}).json()["events"]
    assert len(events) == 2
    [noted] = [one for one in events if one.get("note")]
    assert noted["note"] == "lid is dented"
    assert noted["attachments"] == [{"sha256": digest, "media_type": "image/png"}]


@pytest.mark.parametrize(
    ("code", "uri", "level"),
    [
        (
            "]d20109521001000222211\x1d10L1",
            "https://id.gs1.org/01/09521001000222/21/1",
            "instance",
        ),
        ("(01)09521001000222(10)L1", "https://id.gs1.org/01/09521001000222/10/L1", "lot"),
        ("4006381333931", "https://id.gs1.org/01/04006381333931", "class"),
        ("(414)9521001000109", "https://id.gs1.org/414/9521001000109", "place"),
    ],
)
def test_a_code_is_explained_though_the_record_has_never_seen_it(server, code, uri, level):
    answer = server.client.get("/api/code", params={"code": code}).json()
    assert (answer["uri"], answer["level"]) == (uri, level)


def test_a_wrong_code_is_told_with_its_reasons(server):
    for query in ({"code": "(00)095210010000004081"}, {"code": "hello"}, {}):
        answer = server.client.get("/api/code", params=query)
        assert answer.status_code == 422
        assert answer.json()["errors"]


def test_every_label_of_the_demo_reads_as_what_it_says():
    kinds = set()
    for one in DairyPlant(days=14).story():
        symbol = label_symbol(one.scan)
        [read] = zxingcpp.read_barcodes(zxingcpp.write_barcode_to_image(symbol, scale=4))
        kinds.add(read.symbology_identifier)
        if read.symbology_identifier in ("]d2", "]C1"):
            assert read.text == one.scan
        else:
            assert (read.symbology_identifier, read.text[:8]) == ("]Q1", "https://")
    assert kinds == {"]d2", "]C1", "]Q1"}


def test_labels_are_those_of_a_demo_alone(server):
    assert server.client.get("/api/demo/labels").status_code == 404


def test_pages_of_the_phone_let_in_what_reads_symbols_and_nothing_inline(server):
    page = server.stranger.get("/m/object/x")
    if page.status_code == 404:
        pytest.skip("the pages are not built; scripts/build-pages builds them")
    policy = page.headers["Content-Security-Policy"]
    assert "script-src 'self' 'wasm-unsafe-eval';" in policy
    assert "unsafe-inline" not in policy
    assert not re.search(r"<style|style=|<script(?![^>]*src=)|\son\w+=", page.text)
    worker = server.stranger.get("/m/sw.js")
    assert worker.headers["Service-Worker-Allowed"] == "/m"
    assert worker.headers["Cache-Control"] == "no-cache"
    manifest = server.stranger.get("/m/static/manifest.webmanifest").json()
    assert manifest["scope"] == manifest["start_url"] == "/m"
    for icon in manifest["icons"]:
        assert server.stranger.get(icon["src"]).content.startswith(b"\x89PNG")
    assert server.stranger.get("/m/static/sw.js").status_code == 404


def test_a_phone_finds_the_pages_by_a_symbol(server):
    answer = server.stranger.get("/m/address.svg")
    assert answer.headers["Content-Type"].startswith("image/svg+xml")
    assert 'viewBox="0 0 ' in answer.text
