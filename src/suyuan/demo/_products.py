"""What the dairy buys, keeps in tanks, makes and sells. 物料与产品

ISA-95 calls these material definitions: raw, semi-finished, finished, packaging. Amounts are
kept as whole numbers of the smallest step that anybody weighs or counts: grams, millilitres,
pieces. What is written into events is in the unit of the product (UN/ECE Recommendation 20;
a count has none).
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from suyuan.demo._keys import gtin

__all__ = [
    "BLUEBERRY_YOGHURT",
    "BULK_BUTTER",
    "BUTTER",
    "BUTTERMILK",
    "CREAM",
    "CULTURED_BASE",
    "DAIRY_PREFIX",
    "FINISHED",
    "INGREDIENTS",
    "LOW_FAT_BULK",
    "LOW_FAT_MILK",
    "PLAIN_YOGHURT",
    "PRODUCTS",
    "REWORK_BASE",
    "SAMPLE_BOTTLE",
    "SILO_MILK",
    "STRAWBERRY_YOGHURT",
    "SUPPLIER_PREFIXES",
    "WASTE_MILK",
    "WHOLE_BULK",
    "WHOLE_MILK",
    "YOGHURT_MILK",
    "Product",
    "raw_milk",
]

DAIRY_PREFIX = "9521001"
SUPPLIER_PREFIXES = {
    "culture": "9521010",
    "syrup": "9521011",
    "fruit": "9521012",
    "packaging": "9521013",
}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Product:
    """A product, how it is measured, and how it is packed. There is one object for each.

    `food_milligrams` is the food in one step of the amount: 1000 for a gram of milk, 1,032,000
    for a carton of one litre, 0 for a lid. It is what the demo balances, in whole numbers.
    """

    key: str
    gtin: str
    kind: str
    en: str
    zh: str
    uom: str | None = None
    food_milligrams: int = 1000
    shelf_life_days: int = 0
    per_case: int = 0
    case_gtin: str = ""
    step: str = ""

    def quantity(self, amount: int) -> int | Decimal:
        """Turn an amount into the number that events carry."""
        if self.uom in ("KGM", "LTR"):
            whole, rest = divmod(amount, 1000)
            return whole if rest == 0 else Decimal(amount) / 1000
        return amount


def _bulk(reference: int, key: str, en: str, zh: str, kind: str = "semi_finished") -> Product:
    return Product(
        key=key, gtin=gtin(DAIRY_PREFIX, reference), kind=kind, en=en, zh=zh, uom="KGM", step="g"
    )


def _finished(
    reference: int, key: str, en: str, zh: str, grams: int, days: int, per_case: int
) -> Product:
    return Product(
        key=key,
        gtin=gtin(DAIRY_PREFIX, reference),
        kind="finished",
        en=en,
        zh=zh,
        food_milligrams=grams * 1000,
        shelf_life_days=days,
        per_case=per_case,
        case_gtin=gtin(DAIRY_PREFIX, reference, indicator=1),
        step="piece",
    )


def _packaging(reference: int, key: str, en: str, zh: str) -> Product:
    return Product(
        key=key,
        gtin=gtin(SUPPLIER_PREFIXES["packaging"], reference),
        kind="packaging",
        en=en,
        zh=zh,
        food_milligrams=0,
        shelf_life_days=720,
        step="piece",
    )


def _ingredient(
    supplier: str, reference: int, key: str, en: str, zh: str, uom: str, milligrams: int, days: int
) -> Product:
    return Product(
        key=key,
        gtin=gtin(SUPPLIER_PREFIXES[supplier], reference),
        kind="raw",
        en=en,
        zh=zh,
        uom=uom,
        food_milligrams=milligrams,
        shelf_life_days=days,
        step="ml" if uom == "LTR" else "g",
    )


SILO_MILK = _bulk(1, "silo_milk", "Mixed raw milk from the silo", "奶仓混合生乳")
WHOLE_BULK = _bulk(2, "whole_bulk", "Pasteurised whole milk, in tank", "巴氏杀菌全脂乳(罐装)")
LOW_FAT_BULK = _bulk(3, "low_fat_bulk", "Pasteurised low-fat milk, in tank", "巴氏杀菌低脂乳(罐装)")
YOGHURT_MILK = _bulk(4, "yoghurt_milk", "Yoghurt milk", "酸奶用乳")
CULTURED_BASE = _bulk(5, "cultured_base", "Cultured yoghurt base", "发酵酸奶基料")
CREAM = _bulk(6, "cream", "Pasteurised cream", "巴氏杀菌稀奶油")
BULK_BUTTER = _bulk(7, "bulk_butter", "Butter in blocks", "散装黄油块")
BUTTERMILK = _bulk(8, "buttermilk", "Buttermilk for feed", "饲用酪乳", "by_product")
REWORK_BASE = _bulk(9, "rework_base", "Yoghurt for rework", "返工酸奶基料")
WASTE_MILK = _bulk(10, "waste_milk", "Waste milk and rinse", "废乳及冲洗乳", "waste")

WHOLE_MILK = _finished(
    21, "whole_milk", "Heron Creek whole milk 1 L", "鹭溪全脂鲜牛奶 1 升", 1032, 10, 12
)
LOW_FAT_MILK = _finished(
    22, "low_fat_milk", "Heron Creek low-fat milk 1 L", "鹭溪低脂鲜牛奶 1 升", 1032, 10, 12
)
PLAIN_YOGHURT = _finished(
    23, "plain_yoghurt", "Heron Creek plain yoghurt 150 g", "鹭溪原味酸奶 150 克", 150, 21, 20
)
STRAWBERRY_YOGHURT = _finished(
    24,
    "strawberry_yoghurt",
    "Heron Creek strawberry yoghurt 150 g",
    "鹭溪草莓酸奶 150 克",
    150,
    21,
    20,
)
BLUEBERRY_YOGHURT = _finished(
    25,
    "blueberry_yoghurt",
    "Heron Creek blueberry yoghurt 150 g",
    "鹭溪蓝莓酸奶 150 克",
    150,
    21,
    20,
)
BUTTER = _finished(26, "butter", "Heron Creek butter 250 g", "鹭溪黄油 250 克", 250, 60, 20)

SAMPLE_BOTTLE = Product(
    key="sample_bottle",
    gtin=gtin(DAIRY_PREFIX, 40),
    kind="sample",
    en="Laboratory sample bottle 500 g",
    zh="化验样品瓶 500 克",
    food_milligrams=500_000,
    step="piece",
)

INGREDIENTS: dict[str, Product] = {
    product.key: product
    for product in (
        _ingredient("culture", 1, "culture", "Yoghurt culture", "酸奶发酵剂", "GRM", 1000, 180),
        _ingredient("syrup", 1, "syrup", "Cane sugar syrup", "蔗糖糖浆", "LTR", 1200, 120),
        _ingredient(
            "fruit", 1, "strawberry", "Strawberry preparation", "草莓果料", "KGM", 1000, 90
        ),
        _ingredient("fruit", 2, "blueberry", "Blueberry preparation", "蓝莓果料", "KGM", 1000, 90),
        _packaging(1, "carton_blank", "Carton blank 1 L", "1 升纸盒坯"),
        _packaging(2, "carton_cap", "Carton cap", "纸盒旋盖"),
        _packaging(3, "cup", "Yoghurt cup 150 g", "150 克酸奶杯"),
        _packaging(4, "lid", "Foil lid", "铝箔封盖"),
    )
}

FINISHED = (
    WHOLE_MILK,
    LOW_FAT_MILK,
    PLAIN_YOGHURT,
    STRAWBERRY_YOGHURT,
    BLUEBERRY_YOGHURT,
    BUTTER,
)

PRODUCTS: tuple[Product, ...] = (
    SILO_MILK,
    WHOLE_BULK,
    LOW_FAT_BULK,
    YOGHURT_MILK,
    CULTURED_BASE,
    CREAM,
    BULK_BUTTER,
    BUTTERMILK,
    REWORK_BASE,
    WASTE_MILK,
    *FINISHED,
    SAMPLE_BOTTLE,
    *INGREDIENTS.values(),
)


def raw_milk(prefix: str, reference: int, farm_en: str, farm_zh: str) -> Product:
    """Make the product of one farm: each farm's milk has a GTIN of its own."""
    return Product(
        key=f"raw_milk_{prefix}_{reference}",
        gtin=gtin(prefix, reference),
        kind="raw",
        en=f"Raw milk, {farm_en}",
        zh=f"{farm_zh}生乳",
        uom="KGM",
        shelf_life_days=2,
        step="g",
    )
