"""The field's word, once: names of the house use the glossary and never its synonyms."""

import ast
import re

import pytest
from docs import generate

from tests.house.source import REPOSITORY, definitions, has_words, modules, words

NEVER = [banned for term in generate.glossary()["term"] for banned in term.get("never", [])]
METHODS = {"get", "post", "put", "delete", "patch", "options", "head", "websocket"}
ROUTE_MAKERS = METHODS | {"route", "api_route", "add_api_route", "mount"}
MIGRATIONS = REPOSITORY / "src" / "suyuan" / "store" / "migrations"


def module_names() -> set[str]:
    return {piece for module in modules() for piece in module.name.split(".")[1:]}


def class_names() -> set[str]:
    return {
        node.name
        for module in modules()
        for node in definitions(module)
        if isinstance(node, ast.ClassDef)
    }


def table_names() -> set[str]:
    pattern = re.compile(
        r"create\s+(?:unlogged\s+)?(?:table|view|materialized\s+view)\s+(?:if\s+not\s+exists\s+)?"
        r"([\w.\"]+)|create_table\(\s*[\"'](\w+)",
        re.IGNORECASE,
    )
    files = [*MIGRATIONS.rglob("*.py"), *MIGRATIONS.rglob("*.sql")]
    found = (pattern.findall(page.read_text(encoding="utf-8")) for page in files)
    return {name for names in found for pair in names for name in pair if name}


def routes() -> set[str]:
    found = set()
    for module in modules():
        for node in ast.walk(module.tree):
            match node:
                case ast.Call(
                    func=ast.Attribute(attr=maker), args=[ast.Constant(value=str(path)), *_]
                ) if maker in ROUTE_MAKERS and path.startswith("/"):
                    found.add(path)
    return found


@pytest.mark.parametrize("names", [module_names, class_names, table_names, routes])
def test_names_avoid_the_synonyms_of_the_glossary(names) -> None:
    said = [
        f"{name!r} says {banned!r}"
        for name in sorted(names())
        for banned in NEVER
        if has_words(name, banned)
    ]
    assert not said, "\n".join(said)


def test_folders_and_modules_say_what_is_inside() -> None:
    empty = generate.glossary()["layout"]["never"]
    said = [name for name in sorted(module_names()) if set(words(name)) & set(empty)]
    assert not said, said


def test_each_term_of_the_glossary_is_whole() -> None:
    for term in generate.glossary()["term"]:
        assert set(term) <= {"term", "zh", "source", "meaning", "never", "avoid"}, term
        assert all(term.get(key) for key in ("term", "zh", "source", "meaning")), term
        assert re.search(r"[一-鿿]", term["zh"]), term
        assert term["meaning"].endswith("."), term


def test_no_term_is_the_banned_synonym_of_another() -> None:
    terms = [word for term in generate.glossary()["term"] for word in term["term"].split(", ")]
    assert len(terms) == len(set(terms))
    assert not [(t, banned) for t in terms for banned in NEVER if has_words(t, banned)]


def test_names_are_split_into_words() -> None:
    assert words("LotHolds") == ["lot", "holds"]
    assert words("EPCISDocument") == ["epcis", "document"]
    assert words("/epcis/named-queries/{query_name}") == [
        "epcis",
        "named",
        "queries",
        "query",
        "name",
    ]
    assert has_words("LotFamilyTree", "family_tree")
    assert not has_words("Snapshot", "sn")
