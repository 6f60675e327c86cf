"""What a problem says was expected, in Chinese. 期望值的中文说法

A problem carries what was expected as one English phrase, for programs and for `expected` in
the API. Texts for people are in `messages.toml`; the Chinese ones take the phrase from here.
"""

from __future__ import annotations

import re

__all__ = ["in_chinese"]

_PHRASES = {
    "ADD, OBSERVE or DELETE": "ADD、OBSERVE 或 DELETE",
    "a URI as text": "以文本表示的 URI",
    "a list of URIs": "URI 列表",
    "a list of quantities": "数量列表",
    "a number": "数字",
    "a number, a text or an object": "数字、文本或对象",
    "a text": "文本",
    "a text without U+0000 and without lone surrogates": "不含 U+0000 和不成对代理字符的文本",
    "a time as text": "以文本表示的时间",
    "a valid key": "有效的键",
    "a key in quotes": "带引号的键",
    "a value": "值",
    "a value of JSON": "JSON 值",
    "a version, as 2.0": "版本号，例如 2.0",
    "a whole number where there is no uom": "没有计量单位时应为整数",
    "a word as text": "以文本表示的词",
    "action ADD where there is ilmd": "有 ilmd 时动作应为 ADD",
    "an absolute URI": "绝对 URI",
    "an event (an object)": "事件（对象）",
    "an object": "对象",
    "an object or a list": "对象或列表",
    "at least one business transaction": "至少一个业务交易",
    "at least one input and one output, or a transformationID": (
        "至少一项输入和一项输出，或 transformationID"
    ),
    "at least one input or output beside the transformationID": (
        "除 transformationID 外至少还有一项输入或输出"
    ),
    "childEPCs or childQuantityList, unless action is DELETE": (
        "childEPCs 或 childQuantityList（动作为 DELETE 时可省略）"
    ),
    "each element once": "每项只出现一次",
    "each entry once": "每项只出现一次",
    "epcList or quantityList, or sensorElementList with readPoint": (
        "epcList 或 quantityList，或者 sensorElementList 加 readPoint"
    ),
    "epcList or quantityList, unless action is DELETE": (
        "epcList 或 quantityList（动作为 DELETE 时可省略）"
    ),
    "hexadecimal digits": "十六进制数字",
    "less nesting": "较浅的嵌套",
    "more than 0": "大于 0",
    "once": "一次",
    "property name enclosed in double quotes": "带双引号的键",
    "quantity beside uom, or neither": "计量单位须与数量同时出现",
    "the address of a context, or an object of prefixes": "上下文的地址，或前缀对象",
    "the end of the text": "文本结束",
    "the rest of a value": "值的其余部分",
    "true or false": "true 或 false",
    "2 or 3 capital letters or digits (UN/ECE Recommendation 20)": (
        "2 到 3 位大写字母或数字（UN/ECE 第 20 号建议书）"
    ),
    "+hh:mm or -hh:mm, from -14:00 to +14:00": "+hh:mm 或 -hh:mm，介于 -14:00 与 +14:00 之间",
    "YYYY-MM-DDThh:mm:ss[.fraction] with Z or ±hh:mm": (
        "YYYY-MM-DDThh:mm:ss[.小数]，后接 Z 或 ±hh:mm"
    ),
}
_PATTERNS = tuple(
    (re.compile(pattern), chinese)
    for pattern, chinese in (
        (r"at most (.+) (?:bytes|characters|digits|levels|entries)", r"不超过 \1"),
        (r"at most (.+)", r"不超过 \1"),
        (r"a list of at least one .+", "至少有一项的列表"),
        (r"a list with at least one element", "至少有一项的列表"),
        (r"a list of (\w+) objects", r"\1 对象的列表"),
        (r"a field of (\w+), or prefix:name", r"\1 的字段，或“前缀:名称”"),
        (r"(.+), or prefix:name", r"\1，或“前缀:名称”"),
        (r"prefix:name", "“前缀:名称”"),
        (r"no later than endTime (.+)", r"不晚于 endTime \1"),
        (r"'(.)'(?: delimiter)?", r"“\1”"),
        (
            r"a .+ of CBV 2\.0(?: \((.+)\?\))?, or a URI of one's own",
            "CBV 2.0 的词，或自定义的 URI",
        ),
    )
)


def in_chinese(expected: str) -> str:
    """Give the Chinese for what was expected; names and numbers stay as they are."""
    known = _PHRASES.get(expected)
    if known is not None:
        return known
    for pattern, chinese in _PATTERNS:
        if pattern.fullmatch(expected):
            return pattern.sub(chinese, expected)
    return expected
