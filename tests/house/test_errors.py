"""Every error code is known, said in both languages, and listed where people look it up."""

import ast
import re
import string
from collections.abc import Iterator

import pytest
from docs import generate

from tests.house.source import PACKAGE, modules

CODE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*(\.[a-z][a-z0-9]*(_[a-z0-9]+)*)+")
PROPER = ("Digital Link", "PostgreSQL", "Suyuan")
OTHER_AREAS = {"journal": {"query"}}  # What a package answers for beside its own name.
LISTED = {
    code: (page, texts)
    for page in generate.message_files()
    for code, texts in generate.messages(page).items()
}


def codes_raised() -> Iterator[tuple[str, str]]:
    """Give each `code="…"` of the source with its place."""
    for module in modules():
        for node in ast.walk(module.tree):
            match node:
                case ast.keyword(arg="code", value=ast.Constant(value=str(code))) if CODE.fullmatch(
                    code
                ):
                    yield code, f"{module.place}:{node.value.lineno}"


def literals() -> set[str]:
    """Give every text of the source, the fixed pieces of composed ones included."""
    return {
        node.value
        for module in modules()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def test_every_code_that_is_raised_has_a_text() -> None:
    unknown = [f"{place}: {code}" for code, place in codes_raised() if code not in LISTED]
    assert not unknown, "\n".join(unknown)


def test_every_code_that_has_a_text_is_raised_somewhere() -> None:
    said = literals()
    begun = tuple(literal for literal in said if re.fullmatch(r"[a-z_.]{8,}[_.]", literal))
    unused = [
        code
        for code in sorted(LISTED)
        for name in [code.partition(".")[2]]
        if not {code, name} & said and not code.startswith(begun) and not name.startswith(begun)
    ]
    assert not unused, "\n".join(unused)


def test_no_code_stands_in_two_packages() -> None:
    codes = [code for page in generate.message_files() for code in generate.messages(page)]
    assert len(codes) == len(set(codes))


def test_a_code_begins_with_the_package_that_owns_it() -> None:
    strangers = [
        f"{page.relative_to(PACKAGE)}: {code}"
        for code, (page, _) in LISTED.items()
        for owner in [page.parent.name]
        if page.parent != PACKAGE and code.split(".")[0] not in {owner, *OTHER_AREAS.get(owner, ())}
    ]
    assert not strangers, "\n".join(strangers)


@pytest.mark.parametrize("code", sorted(LISTED))
def test_an_error_is_said_in_both_languages(code: str) -> None:
    _, texts = LISTED[code]
    assert set(texts) == {"en", "zh"}, code
    assert CODE.fullmatch(code), code
    assert re.search(r"[一-鿿]", texts["zh"]), texts["zh"]
    for text in texts.values():
        assert text == text.strip()
        assert not text.endswith((".", "。", "!", "！")), text
    assert not re.match(r"[A-Z]([a-z]|\s)", texts["en"]) or texts["en"].startswith(PROPER), texts[
        "en"
    ]


@pytest.mark.parametrize("code", sorted(LISTED))
def test_both_languages_tell_the_same_facts(code: str) -> None:
    _, texts = LISTED[code]
    told = {
        language: {name for _, name, _, _ in string.Formatter().parse(text) if name}
        for language, text in texts.items()
    }
    assert told["en"] == told["zh"], code
