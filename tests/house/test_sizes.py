"""Short enough to read at a glance: functions up to 60 lines, modules up to 600."""

import ast

from tests.house.source import definitions, modules

FUNCTION_LINES_MAX = 60
MODULE_LINES_MAX = 600
FOLDERS = ("src/suyuan", "tests", "docs", "bench")

# Place → why it is better long. An exception that is no longer needed must go.
LONG_FUNCTIONS: dict[str, str] = {}
LONG_MODULES: dict[str, str] = {}


def lines(node: ast.AST) -> int:
    """Count the lines of a function, those of the functions inside it apart."""
    own = int(getattr(node, "end_lineno", 0)) - int(getattr(node, "lineno", 0)) + 1
    return own - sum(lines(inner) for inner in inner_functions(node))


def inner_functions(node: ast.AST) -> list[ast.AST]:
    """Give the functions that are written inside another, one level down."""
    found: list[ast.AST] = []
    ahead = list(ast.iter_child_nodes(node))
    while ahead:
        child = ahead.pop()
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            found.append(child)
        else:
            ahead += ast.iter_child_nodes(child)
    return found


def long_functions() -> dict[str, int]:
    return {
        f"{module.place}::{node.name}": lines(node)
        for folder in FOLDERS
        for module in modules(folder)
        for node in definitions(module)
        if not isinstance(node, ast.ClassDef) and lines(node) > FUNCTION_LINES_MAX
    }


def long_modules() -> dict[str, int]:
    lengths = {
        module.place: len(module.text.splitlines())
        for folder in FOLDERS
        for module in modules(folder)
    }
    return {place: length for place, length in lengths.items() if length > MODULE_LINES_MAX}


def test_functions_are_short_but_for_written_exceptions() -> None:
    assert long_functions().keys() == LONG_FUNCTIONS.keys(), long_functions()


def test_modules_are_short_but_for_written_exceptions() -> None:
    assert long_modules().keys() == LONG_MODULES.keys(), long_modules()
