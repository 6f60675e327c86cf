"""Short enough to read at a glance: functions up to 60 lines, modules up to 600."""

import ast

from tests.house.source import definitions, modules

FUNCTION_LINES_MAX = 60
MODULE_LINES_MAX = 600
FOLDERS = ("src/suyuan", "tests", "docs", "bench")

# Place → why it is better long. An exception that is no longer needed must go.
LONG_FUNCTIONS: dict[str, str] = {}
LONG_MODULES: dict[str, str] = {}


def long_functions() -> dict[str, int]:
    return {
        f"{module.place}::{node.name}": int(node.end_lineno or 0) - node.lineno + 1
        for folder in FOLDERS
        for module in modules(folder)
        for node in definitions(module)
        if not isinstance(node, ast.ClassDef)
        and int(node.end_lineno or 0) - node.lineno + 1 > FUNCTION_LINES_MAX
    }


def long_modules() -> dict[str, int]:
    lengths = {
        module.place: len(module.text.splitlines())
        for folder in FOLDERS
        for module in modules(folder)
    }
    return {place: lines for place, lines in lengths.items() if lines > MODULE_LINES_MAX}


def test_functions_are_short_but_for_written_exceptions() -> None:
    assert long_functions().keys() == LONG_FUNCTIONS.keys(), long_functions()


def test_modules_are_short_but_for_written_exceptions() -> None:
    assert long_modules().keys() == LONG_MODULES.keys(), long_modules()
