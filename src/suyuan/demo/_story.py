"""The codes worth trying, each with one sentence in English and in Chinese. 故事

The departments note a code when the thing happens; this module holds the sentences. Every
code is also given as a scanner would read it from a label, so that it can be typed anywhere.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["SENTENCES", "STORY_FILE", "Story", "StoryCode"]

STORY_FILE = "demo.json"
"""File in the data folder in which a loaded demo leaves its codes to try."""

# key: (title en, title zh, sentence en, sentence zh); in the order in which they are shown.
SENTENCES: dict[str, tuple[str, str, str, str]] = {
    "carton": (
        "A carton of milk in a shop",
        "商店里的一盒牛奶",
        "Trace it back: tank, pasteuriser, silo, and every farm whose milk is in it, one of "
        "them with bad news.",
        "向上溯源：奶罐、巴氏杀菌机、奶仓，直到每一家供奶牧场，其中一家出了问题。",
    ),
    "contaminated_lot": (
        "The contaminated delivery",
        "被污染的生乳批次",
        "Raw milk in which the laboratory found Listeria a week later; track it forward before "
        "the lorries leave tomorrow morning.",
        "化验室一周后才检出李斯特菌的生乳批次；请赶在明早发车前向下追踪。",
    ),
    "twin_lot": (
        "Same lot number, other farm",
        "批号相同，牧场不同",
        "This lot carries the same lot number on its label as the contaminated one, from another "
        "farm; the two must never be mixed up.",
        "该批次标签上的批号与污染批次相同，但来自另一家牧场，二者绝不能混淆。",
    ),
    "clean_lot": (
        "Filled before it happened",
        "污染之前灌装的批次",
        "Milk filled on the same day from the same tank, drawn before the contaminated milk came "
        "in: it must not be recalled.",
        "同一天、同一个奶罐，但在污染生乳进入之前已灌装：不应召回。",
    ),
    "mixed_pallet": (
        "Half of it is affected",
        "只有一部分受影响的托盘",
        "On this pallet stand cases of a clean lot beside cases of an affected one.",
        "这个托盘上，合格批次与受影响批次的箱子并排放在一起。",
    ),
    "corrected_lot": (
        "Found only after a correction",
        "更正之后才能找到的批次",
        "The operator scanned the label of an earlier draw; the record was corrected a day later: "
        "ask once as known before, once as known now.",
        "操作工误扫了较早一次出料的标签，第二天才更正；请分别按更正前和更正后的认知查询。",
    ),
    "rework_lot": (
        "The reworked yoghurt",
        "返工酸奶",
        "Crates that came back unsold went into the rework tank, and from there into a new lot "
        "three days after the contamination.",
        "未售出退回的周转箱被倒入返工罐，污染三天之后又进入了新的批次。",
    ),
    "repacked_carton": (
        "A carton that moved house",
        "换过箱的一盒牛奶",
        "Its case was damaged and opened; eleven cartons went into another case on another pallet.",
        "原来的箱子破损后被打开，十一盒牛奶改装到另一个箱子、另一个托盘。",
    ),
    "cold_chain_pallet": (
        "The pallet that got warm",
        "断了冷链的托盘",
        "The cooling of the lorry failed for two hours; the distribution centre refused this "
        "pallet, and it was destroyed.",
        "货车制冷中断两小时，配送中心拒收该托盘，随后被销毁。",
    ),
    "truck": (
        "The lorry and its sensor",
        "货车与它的传感器",
        "Its temperature sensor was replaced after the failure: readings before belong to the old "
        "one.",
        "故障后更换了温度传感器：之前的读数属于旧传感器。",
    ),
    "reused_crate": (
        "A crate with a past",
        "反复使用的周转箱",
        "It carried affected yoghurt once and clean yoghurt before or after; only one of its trips "
        "counts.",
        "它曾装过受影响的酸奶，前后也装过合格的酸奶；只有其中一次算数。",
    ),
    "lost_load": (
        "Sent, and never received",
        "发出却从未收到",
        "This load left the distribution centre, and no shop ever received it: a gap.",
        "这批货离开了配送中心，却没有任何门店收到：这是一个缺口。",
    ),
    "wrong_clock_pallet": (
        "Packed before it was made?",
        "先装箱、后生产？",
        "The clock of the packer was an hour slow that day, so things seem to be packed before "
        "they were made.",
        "那天装箱机的时钟慢了一小时，看上去像是先装箱、后生产。",
    ),
    "wrong_pallet": (
        "A case on the wrong pallet",
        "扫错托盘的箱子",
        "A case was scanned onto this pallet and stood on another; both records were declared in "
        "error and made anew.",
        "有个箱子被扫到这个托盘上，实际放在另一个托盘；两条记录都已声明错误并重新记录。",
    ),
    "refused_lot": (
        "Refused at the gate",
        "门口拒收的生乳",
        "The quick test found antibiotics, and the milk never reached a silo.",
        "快检发现抗生素，这批生乳从未进入奶仓。",
    ),
    "shared_syrup": (
        "One drum, many lots",
        "一批糖浆，许多产品批次",
        "One lot of sugar syrup is in every fruit yoghurt of more than a week.",
        "同一批糖浆用在了一个多星期的所有果味酸奶里。",
    ),
    "buttermilk": (
        "The by-product",
        "副产品",
        "Butter was made and sold under its own lots; the buttermilk of the same churn went to a "
        "pig farm.",
        "黄油以自己的批次出售；同一次搅拌得到的酪乳送到了养猪场。",
    ),
    "late_collection": (
        "Recorded two days late",
        "迟到两天的记录",
        "The driver forgot his phone: this milk was drunk before its collection was recorded.",
        "司机忘带手机：牛奶都喝完了，收奶记录才到。",
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryCode:
    """A code to try, what it is, and why it is worth a look."""

    key: str
    code: str
    scan: str
    title_en: str
    title_zh: str
    en: str
    zh: str


class Story:
    """The codes noted so far."""

    def __init__(self) -> None:
        self._codes: dict[str, str] = {}

    def note(self, key: str, code: str) -> None:
        """Note the code for a part of the story; the first one stands."""
        assert key in SENTENCES, f"no sentence for {key}"
        self._codes.setdefault(key, code)

    def code(self, key: str) -> str | None:
        """Give the code noted for a part of the story."""
        return self._codes.get(key)

    def codes(self) -> list[StoryCode]:
        """Give the codes to try, in the order of the story."""
        return [
            StoryCode(
                key=key,
                code=self._codes[key],
                scan=_scan(self._codes[key]),
                title_en=sentence[0],
                title_zh=sentence[1],
                en=sentence[2],
                zh=sentence[3],
            )
            for key, sentence in SENTENCES.items()
            if key in self._codes
        ]


def _scan(uri: str) -> str:
    """Write a Digital Link URI as the bracketed element string that is printed on labels."""
    parts = uri.split("/")[3:]
    return "".join(f"({parts[place]}){parts[place + 1]}" for place in range(0, len(parts), 2))
