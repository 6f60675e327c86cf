"""`suyuan code`: explain a code as it was typed, scanned or sent. 解释编码"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, Any

import msgspec
import typer
from rich.cells import cell_len

from suyuan.cli._terminal import (
    JsonOption,
    LanguageOption,
    language_of,
    output,
    say_json,
)
from suyuan.errors import InvalidInput, Language, Problem, message_catalogue
from suyuan.identifier import Element, Identifier, Level, element_title, epc_urn, parse

__all__ = ["code_command"]

_KINDS: Mapping[str, tuple[str, str]] = {
    "sscc": ("logistic unit (SSCC)", "物流单元（SSCC）"),
    "gtin": ("product (GTIN)", "产品（GTIN）"),
    "lgtin": ("lot of a product (GTIN and lot number)", "产品批次（GTIN 加批号）"),
    "sgtin": ("one product (GTIN and serial number)", "单件产品（GTIN 加序列号）"),
    "upui": ("one unit pack (GTIN and third-party serial)", "单个包装（GTIN 加第三方序列号）"),
    "itip": ("piece of a product (ITIP)", "产品组件（ITIP）"),
    "gln": ("place (GLN)", "位置（GLN）"),
    "sgln": ("place inside a place (GLN with extension)", "位置内的位置（GLN 加扩展组件）"),
    "pgln": ("party (GLN)", "参与方（GLN）"),
    "pay_to": ("invoicing party (GLN)", "开票方（GLN）"),
    "grai": ("returnable asset (GRAI)", "可回收资产（GRAI）"),
    "giai": ("individual asset (GIAI)", "单个资产（GIAI）"),
    "gsrn": ("recipient of a service (GSRN)", "服务接受方（GSRN）"),
    "gsrnp": ("provider of a service (GSRN)", "服务提供方（GSRN）"),
    "gdti": ("document (GDTI)", "文件（GDTI）"),
    "gcn": ("coupon (GCN)", "优惠券（GCN）"),
    "cpid": ("component or part (CPID)", "组件或部件（CPID）"),
    "ginc": ("consignment (GINC)", "托运（GINC）"),
    "gsin": ("shipment (GSIN)", "装运（GSIN）"),
    "gmn": ("product model (GMN)", "产品型号（GMN）"),
    "gid": ("general identifier (EPC)", "通用标识（EPC）"),
    "usdod": ("object of the US Department of Defense (EPC)", "美国国防部物品（EPC）"),
    "adi": ("aircraft part (EPC)", "航空器部件（EPC）"),
    "bic": ("freight container (EPC)", "货运集装箱（EPC）"),
    "imovn": ("vessel (EPC)", "船舶（EPC）"),
    "plant_product": ("product of a plant", "工厂产品"),
    "plant_lot": ("lot of a product of a plant", "工厂产品批次"),
    "plant_serial": ("one product of a plant", "工厂单件产品"),
    "uri": ("any URI, stands for itself", "其他 URI，代表其自身"),
}

_LEVELS: Mapping[Level, tuple[str, str]] = {
    "class": ("a class of things", "一类物品"),
    "lot": ("a lot", "一个批次"),
    "instance": ("one thing", "单个物品"),
    "place": ("a place", "一个位置"),
    "party": ("a party", "一个参与方"),
    "unknown": ("not known from the code", "编码本身无法判断"),
}

_LABELS: Mapping[str, tuple[str, str]] = {
    "code": ("code", "编码"),
    "kind": ("kind", "种类"),
    "level": ("names", "所指"),
    "key": ("key", "标识键"),
    "canonical": ("canonical URI", "规范 URI"),
    "epc_urn": ("EPC URN", "EPC URN"),
    "lot": ("lot", "批号"),
    "serial": ("serial number", "序列号"),
    "product": ("product", "产品"),
    "alternative": ("or", "也可能是"),
    "note": ("note", "说明"),
}


# The pictures that Unicode has of its control characters.
_PICTURES = {chr(number): chr(0x2400 + number) for number in range(32)}


def code_command(
    code: Annotated[
        str,
        typer.Argument(
            help="Any code; - reads codes from standard input, one a line.", metavar="CODE"
        ),
    ],
    plant: Annotated[
        list[str] | None,
        typer.Option(
            "--plant", help="Address that plant keys begin with; may be repeated.", metavar="URL"
        ),
    ] = None,
    as_json: JsonOption = False,
    lang: LanguageOption = None,
) -> None:
    """Explain a code: what it names, its canonical URI, what is wrong with it.

    Element strings as scanned or with brackets, bare digits, Digital Links, EPC URNs, plant
    keys and other URIs. Exit 1 when a code is not valid.
    """
    language = language_of(lang)
    bases = tuple(plant or ())
    if code == "-":
        # No generator expression: every line is to be answered, also after a wrong one.
        results = [_answer_line(line, bases, as_json, language) for line in _lines()]
        is_valid = all(results)
    else:
        is_valid = _answer(_without_surrogates(code), bases, as_json, language)
    if not is_valid:
        raise typer.Exit(1)


def _lines() -> Iterator[str]:
    for line in typer.get_binary_stream("stdin"):
        text = line.decode("utf-8", "replace").rstrip("\r\n")
        if text.strip():
            yield text


def _without_surrogates(code: str) -> str:
    """Give what the shell handed over; bytes that are no text become marks of that."""
    return code.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _answer(code: str, bases: tuple[str, ...], as_json: bool, language: Language) -> bool:
    try:
        identifier = parse(code, plant_bases=bases)
    except InvalidInput as error:
        if as_json:
            say_json(_refusal(code, error, language))
        else:
            _show_refusal(code, error.problems, language)
        return False
    if as_json:
        say_json(_explanation(code, identifier, language))
    else:
        for label, text in _rows(code, identifier, language):
            _print(f"{label}{' ' * (16 - cell_len(label))}{text}")
    return True


def _answer_line(line: str, bases: tuple[str, ...], as_json: bool, language: Language) -> bool:
    try:
        identifier = parse(line, plant_bases=bases)
    except InvalidInput as error:
        if as_json:
            _print_json_line(_refusal(line, error, language))
        else:
            told = "; ".join(problem.text(language) for problem in error.problems)
            _print(f"✗ {_visible(line)}  {told}")
        return False
    if as_json:
        _print_json_line(_explanation(line, identifier, language))
    else:
        _print(f"✓ {identifier.canonical}  {identifier.kind}")
    return True


def _print(text: str) -> None:
    output.print(text, markup=False)


def _print_json_line(value: object) -> None:
    sys.stdout.write(msgspec.json.encode(value).decode() + "\n")


def _urn(identifier: Identifier) -> tuple[str | None, str]:
    """Give the EPC URN, or why there is none."""
    try:
        return epc_urn(identifier.canonical, prefix_length=identifier.prefix_length), ""
    except InvalidInput as error:
        return None, error.code


def _rows(code: str, identifier: Identifier, language: Language) -> Iterator[tuple[str, str]]:
    """Give the explanation for a person, line by line."""
    at = 1 if language == "zh" else 0
    shown = [("code", _visible(code)), ("kind", _KINDS[identifier.kind][at])]
    shown.append(("level", _LEVELS[identifier.level][at]))
    if identifier.spelling == "plant_key":
        parts = (identifier.product, identifier.lot, identifier.serial)
        names = ("product", "lot", "serial")
        shown += [(name, part) for name, part in zip(names, parts, strict=True) if part]
    yield from ((_LABELS[name][at], text) for name, text in shown)
    for element in identifier.elements:
        yield f"({element.ai})", f"{element.value}  {element_title(element.ai, language)}"
    yield _LABELS["canonical"][at], identifier.canonical
    urn, reason = _urn(identifier)
    if urn is not None:
        yield _LABELS["epc_urn"][at], urn
    elif reason == "identifier.prefix_length_unknown":
        yield _LABELS["epc_urn"][at], _NO_PREFIX[at]
    for alternative in identifier.alternatives:
        yield _LABELS["alternative"][at], alternative
    for note in identifier.lenient:
        yield _LABELS["note"][at], message_catalogue()[note][language]


_NO_PREFIX = (
    "none: the length of the company prefix is not known",
    "无：厂商识别代码的长度未知",
)


def _show_refusal(code: str, problems: Iterable[Problem], language: Language) -> None:
    """Show a code with a mark under the place of each thing that is wrong."""
    is_terminal = _is_terminal()
    _print(_visible(code))
    for problem in problems:
        position = problem.values["position"]
        if is_terminal:
            _print(" " * cell_len(_visible(code)[: position - 1]) + "^")
        if "{position}" in message_catalogue()[problem.code][language]:
            _print(problem.text(language))  # It says where.
        elif language == "zh":
            _print(f"第 {position} 个字符：{problem.text(language)}")
        else:
            _print(f"position {position}: {problem.text(language)}")


def _is_terminal() -> bool:
    return sys.stdout.isatty()


def _visible(code: str) -> str:
    """Put a visible character in place of each that moves the cursor or shows nothing."""
    return "".join(
        character if character.isprintable() else _PICTURES.get(character, "\ufffd")
        for character in code
    )


def _element(element: Element, language: Language) -> dict[str, str]:
    return {
        "ai": element.ai,
        "value": element.value,
        "title": element_title(element.ai, language),
    }


def _explanation(code: str, identifier: Identifier, language: Language) -> dict[str, Any]:
    """Give the explanation for a program."""
    urn, _ = _urn(identifier)
    texts = message_catalogue()
    key: dict[str, str] = {"value": identifier.key}
    if identifier.ai:
        key = _element(identifier.elements[0], language)
    return {
        "code": code,
        "valid": True,
        "kind": identifier.kind,
        "level": identifier.level,
        "spelling": identifier.spelling,
        "key": key,
        "qualifiers": [_element(element, language) for element in identifier.qualifiers],
        "attributes": [_element(element, language) for element in identifier.attributes],
        "product": identifier.product or None,
        "lot": identifier.lot or None,
        "serial": identifier.serial or None,
        "canonical": identifier.canonical,
        "epc_urn": urn,
        "alternatives": list(identifier.alternatives),
        "lenient": [{"code": n, "message": texts[n][language]} for n in identifier.lenient],
    }


def _refusal(code: str, error: InvalidInput, language: Language) -> dict[str, Any]:
    return {
        "code": code,
        "valid": False,
        "problems": [
            {**problem.as_dict(language), "position": problem.values["position"]}
            for problem in error.problems
        ],
    }
