"""Tables come in over HTTP, are mapped, checked, mended, imported, and give back what failed."""

from __future__ import annotations

import contextlib
import csv
import io
import time
from typing import Any

import pytest
import xlsxwriter

from suyuan.account import make_api_key
from suyuan.api._permissions import ROUTES
from suyuan.journal import Journal
from tests.api.conftest import Server, make_server

_MANY = 18_000
MILK, CREAM = "09521001000222", "09521001000239"


@pytest.fixture(scope="module")
def server(embedded_databases, tmp_path_factory):
    yield from make_server(embedded_databases(), data=tmp_path_factory.mktemp("data"))


def workbook(*rows: list[Any], sheet: str = "收货") -> bytes:
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as book:
        page = book.add_worksheet(sheet)
        for at, row in enumerate(rows):
            page.write_row(at, 0, row)
    return file.getvalue()


HEADERS = ["收货日期", "物料编码", "批号", "数量", "单位", "供应商", "备注"]


def rows_of(count: int, *, start: int = 0) -> list[list[Any]]:
    return [
        ["2026-11-20 08:30", MILK, f"L{start + n}", 10 + n, "公斤", "9521001000017", ""]
        for n in range(count)
    ]


def upload(server: Server, data: bytes, **parameters: str) -> dict[str, Any]:
    answer = server.client.post("/api/imports", content=data, params=parameters)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def done(server: Server, one: dict[str, Any], kind: str, **body: Any) -> dict[str, Any]:
    """Start a job and wait for its end."""
    address = f"/api/imports/{one['import']}"
    answer = server.client.post(f"{address}/{kind}", json=body)
    assert answer.status_code == 202, answer.text
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        job: dict[str, Any] = server.client.get(address).json()["job"]
        if job["finished"]:
            return job
        time.sleep(0.05)
    raise AssertionError("the job does not end")


def test_a_messy_workbook_is_understood_mended_imported_and_then_known(server):
    rows = rows_of(4)
    rows[1][4] = "公今"
    rows[2][0] = "昨天"
    one = upload(server, workbook(HEADERS, *rows), file_name="收货记录.xlsx")
    assert one["mapping"]["template"] == "received"
    assert one["mapping"]["columns"] == {
        "product": "物料编码",
        "lot": "批号",
        "quantity": "数量",
        "uom": "单位",
        "time": "收货日期",
        "supplier": "供应商",
        "note": "备注",
    }
    address = f"/api/imports/{one['import']}"
    shown = server.client.post(f"{address}/preview", json={}).json()
    places = [(fault["row"], fault["column"], fault["code"]) for fault in shown["faults"]]
    assert places == [(3, 4, "importing.unit_unknown"), (4, 0, "importing.time_wrong")]
    assert len(shown["events"]) == 2
    checked = done(server, one, "check")["result"]
    assert (checked["rows"], checked["failed"], checked["events"], checked["known"]) == (4, 2, 2, 0)
    edits = [{"row": 3, "column": 4, "text": "kg"}]
    assert server.client.put(f"{address}/cells", json={"edits": edits}).status_code == 204
    result = done(server, one, "run")["result"]
    assert (result["captured"], result["failed"], result["known"]) == (3, 1, 0)
    assert result["example"] == f"https://id.gs1.org/01/{MILK}/10/L0"
    story = server.client.get("/api/history", params={"code": result["example"]}).json()
    assert story["events"][0]["business_step"].endswith("receiving")
    again = done(server, one, "run")["result"]
    assert (again["captured"], again["known"]) == (0, 3)


def test_a_lot_without_an_amount_is_imported_counted_and_told(server):
    rows = rows_of(4, start=200)
    rows[1][3] = rows[1][4] = ""
    rows[2][3] = "viele"  # An error, and so no note beside it.
    one = upload(server, workbook(HEADERS, *rows))
    address = f"/api/imports/{one['import']}"
    chinese = {"Accept-Language": "zh"}
    shown = server.client.post(f"{address}/preview", json={}, headers=chinese).json()
    told = [(note["row"], note["column"], note["code"]) for note in shown["notes"]]
    assert told == [(3, 3, "importing.amount_unknown")]
    assert "物料平衡" in shown["notes"][0]["message"]
    assert [fault["row"] for fault in shown["faults"]] == [4]
    assert done(server, one, "check")["result"]["amounts_unknown"] == 1
    result = done(server, one, "run")["result"]
    assert (result["captured"], result["amounts_unknown"]) == (3, 1)
    seen = one["mapping"] | {"template": "observed", "group": []}
    seen["columns"] = {k: v for k, v in seen["columns"].items() if k != "supplier"}
    shown = server.client.post(f"{address}/preview", json={"mapping": seen}).json()
    assert shown["notes"] == []  # Seeing a lot moves none of it.


def test_whoever_may_capture_may_import_and_nobody_else():
    asked = {needed for route, needed in ROUTES.items() if "/api/import" in route}
    assert asked == {"event.capture"}


def test_failed_rows_can_be_mended_and_uploaded_again(server):
    rows = rows_of(3, start=100)
    rows[1][0] = "=HYPERLINK(1)"
    file = io.StringIO()
    csv.writer(file).writerows([HEADERS, *rows])
    one = upload(server, file.getvalue().encode("gb18030"), file_name="in.csv")
    assert one["found"]["encoding"] == "gb18030"
    assert done(server, one, "run")["result"]["failed"] == 1
    given = server.client.get(
        f"/api/imports/{one['import']}/failed", headers={"Accept-Language": "zh"}
    )
    table = list(csv.reader(io.StringIO(given.content.decode("utf-8-sig"))))
    assert table[0] == [*HEADERS, "未导入原因"]
    assert table[1][0] == "'=HYPERLINK(1)"
    assert table[1][-1].startswith("收货日期：")
    table[1][0] = "2026-11-21"
    again = io.StringIO()
    csv.writer(again).writerows(table)
    two = upload(server, again.getvalue().encode(), file_name="failed.csv")
    assert two["mapping"]["columns"] == one["mapping"]["columns"]
    assert done(server, two, "run")["result"]["captured"] == 1


def test_a_mapping_that_can_mean_nothing_is_not_saved(server: Server) -> None:
    for mapping in (
        {"template": "AAA"},
        {"template": "received", "columns": {"none": "x"}},
        {"template": "received", "reading": {"header_row": -1}},
    ):
        answer = server.client.put("/api/import_mappings/none", json={"mapping": mapping})
        assert 400 <= answer.status_code < 500
        assert answer.json()["errors"]
        assert server.client.get("/api/import_mappings/none").status_code == 404


def test_another_tenant_finds_no_upload_job_or_mapping(server: Server) -> None:
    one = upload(server, workbook(HEADERS, *rows_of(2, start=200)), file_name="own.xlsx")
    done(server, one, "check")
    address = f"/api/imports/{one['import']}"
    other = server.database.make_tenant("other")
    secret = make_api_key(server.database, other, name="other").secret
    key = {"Authorization": f"Bearer {secret}"}
    assert server.stranger.get("/api/imports", headers=key).json()["imports"] == []
    for method, path in [
        *(("GET", address), ("PATCH", address), ("DELETE", address), ("GET", f"{address}/failed")),
        *(("POST", f"{address}/{what}") for what in ("preview", "check", "run", "stop")),
        ("PUT", f"{address}/cells"),
    ]:
        body = {"edits": []} if path.endswith("cells") else {}
        answer = server.stranger.request(method, path, json=body, headers=key)
        assert answer.status_code == 404, (method, path, answer.text)
    for table in ("upload", "edited_cell", "import_job", "mapping"):
        with server.database.tenant(other, read_only=True) as connection:
            rows = connection.execute(f"SELECT count(*) FROM importing.{table}").fetchone()
        assert rows == (0,), table


def test_an_import_that_a_stop_breaks_off_goes_on_and_records_each_row_once(
    embedded_databases, tmp_path
):
    start = contextlib.contextmanager(make_server)
    database = embedded_databases(name="broken_off")
    with start(database, data=tmp_path) as server:
        one = upload(server, workbook(HEADERS, *rows_of(_MANY)), file_name="long.xlsx")
        address = f"/api/imports/{one['import']}"
        journal = Journal(database, server.tenant_id)
        server.client.post(f"{address}/run", json={})
        deadline = time.monotonic() + 60
        while not journal.position():
            assert time.monotonic() < deadline
            time.sleep(0.002)
        # At once: while a server lets its callers go, a short import would come to its end.
        server.app.state.services.house.wake_import.__self__.stop()
    with start(embedded_databases("broken_off"), data=tmp_path) as again:
        journal = Journal(again.database, again.tenant_id)
        assert 0 < journal.position() < _MANY
        while not (job := again.client.get(address).json()["job"])["finished"]:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        result = job["result"]
        assert result["captured"] + result["known"] == _MANY
        assert result["known"] > 0
        assert journal.position() == _MANY
