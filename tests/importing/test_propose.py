"""What a table probably means is told by its cells first, and then by its headers."""

from __future__ import annotations

import pytest

from suyuan.importing import propose
from tests.importing.tables import CREAM, MILK

DAY = "2026-11-26"
_SSCC = ("095210010000000017", "095210010000000024")
_GLN = ("9521001000017", "9521001000024")


def _columns(headers, *rows, template="received"):
    return propose(headers, rows, template=template).columns


@pytest.mark.parametrize("header", ["条码", "编号", "GTIN", "A1", "备注"])
def test_the_column_with_good_gtins_is_the_product_whatever_stands_above_it(header):
    mapped = _columns(
        ["日期", "物料名称", header, "批号", "数量"],
        [DAY, "生牛乳", MILK, "L1", "10 kg"],
        [DAY, "奶油", CREAM, "L2", "12 kg"],
    )
    assert mapped["product"] == header
    assert "物料名称" not in mapped.values()
    assert (mapped["time"], mapped["lot"], mapped["quantity"]) == ("日期", "批号", "数量")


def test_digits_with_wrong_check_digits_are_no_better_than_a_name():
    wrong = ["09521001000221", "09521001000238"]
    rows = [[DAY, "生牛乳", code, "L1"] for code in wrong]
    assert _columns(["日期", "物料名称", "A1", "批号"], *rows)["product"] == "物料名称"


def test_codes_of_the_plant_are_preferred_to_names():
    rows = [["Raw milk", "RM-01", "L1", DAY], ["Cream, fresh", "RM-02", "L2", DAY]]
    mapped = _columns(["Material name", "Material", "Lot", "Date"], *rows)
    assert mapped["product"] == "Material"


def test_location_numbers_are_preferred_to_names_and_are_never_products():
    rows = [["红土牧场", _GLN[0], MILK, "L1", DAY], ["青河牧场", _GLN[1], CREAM, "L2", DAY]]
    mapped = _columns(["供应商名称", "供应商编码", "物料名称", "批号", "日期"], *rows)
    assert (mapped["supplier"], mapped["product"]) == ("供应商编码", "物料名称")
    places = [[DAY, "生牛乳", "L1", number] for number in _GLN]
    mapped = _columns(["日期", "物料名称", "批号", "仓库"], *places)
    assert (mapped["product"], mapped["place"]) == ("物料名称", "仓库")


def test_containers_items_times_and_amounts_are_known_by_their_cells():
    rows = [
        [f"urn:epc:id:sgtin:9521001.000022.{n}", _SSCC[n], f"{DAY} 08:3{n}", "2 kg", "x"]
        for n in range(2)
    ]
    mapped = _columns(["a", "b", "c", "d", "e"], *rows, template="packed")
    assert mapped == {"container": "b", "code": "a", "time": "c", "quantity": "d"}


def test_inputs_and_outputs_keep_to_their_sides():
    headers = ["原料名称", "原料条码", "原料批号", "成品名称", "成品条码", "成品批号", "生产日期"]
    rows = [["生牛乳", MILK, "L1", "奶油", CREAM, "C1", DAY]] * 2
    mapped = _columns(headers, *rows, template="made_from")
    assert (mapped["input_product"], mapped["output_product"]) == ("原料条码", "成品条码")
