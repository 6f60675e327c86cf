"""What a package offers is what it lists; private things stay private; all is described."""

import ast
import importlib
import inspect
from pathlib import Path
from types import ModuleType

import pytest
from docs import generate

from tests.house.source import Module, definitions, modules


def is_public(module: Module) -> bool:
    return not any(part.startswith("_") for part in module.name.split(".")) and not (
        module.part == "store" and "migrations" in module.name
    )


PUBLIC = [module for module in modules() if is_public(module)]


def listed(module: Module) -> list[str]:
    for node in module.tree.body:
        if isinstance(node, ast.Assign) and any(
            isinstance(target, ast.Name) and target.id == "__all__" for target in node.targets
        ):
            return list(ast.literal_eval(node.value))
    raise AssertionError(f"{module.place} has no __all__")


def offered(module: Module) -> set[str]:
    """Give the names that a module defines and does not mark as private.

    What a decorator hands to a router is the router's, not the module's.
    """
    names: set[str] = set()
    for node in module.tree.body:
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                names |= set() if is_handed_over(node) else {name}
            case ast.ClassDef(name=name):
                names.add(name)
            case ast.Assign(targets=targets):
                names |= {target.id for target in targets if isinstance(target, ast.Name)}
            case ast.AnnAssign(target=ast.Name(id=name)):
                names.add(name)
    return {name for name in names if not name.startswith("_")}


def is_handed_over(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return any(
        isinstance(decorator, ast.Call)
        and isinstance(decorator.func, ast.Attribute)
        and isinstance(decorator.func.value, ast.Name)
        and decorator.func.value.id in {"app", "router"}
        for decorator in node.decorator_list
    )


@pytest.mark.parametrize("module", PUBLIC, ids=lambda module: module.name)
def test_a_module_lists_all_that_it_offers(module: Module) -> None:
    assert offered(module) <= set(listed(module))


@pytest.mark.parametrize("name", ["suyuan", *generate.packages()])
def test_what_a_package_lists_exists_and_is_described(name: str) -> None:
    package = importlib.import_module(name)
    missing = [public for public in package.__all__ if not is_described(package, public)]
    assert not missing, f"{name} offers without a description: {missing}"


def is_described(package: ModuleType, name: str) -> bool:
    thing = getattr(package, name)
    if inspect.isclass(thing) or inspect.isroutine(thing):
        return bool(thing.__doc__)
    return True


def test_every_module_says_its_subject_in_its_first_line() -> None:
    silent = [
        module.place
        for folder in ("src/suyuan", "tests", "docs", "bench")
        for module in modules(folder)
        if module.text.strip() and not (ast.get_docstring(module.tree) or "").splitlines()[:1]
    ]
    assert not silent, "\n".join(silent)


def test_every_public_class_and_function_is_described() -> None:
    silent = [
        f"{module.place}:{node.lineno}: {node.name}"
        for module in modules()
        if "migrations" not in module.name
        for node in module.tree.body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        and not node.name.startswith("_")
        and not ast.get_docstring(node)
    ]
    assert not silent, "\n".join(silent)


def test_tests_are_named_by_sentences() -> None:
    short = [
        f"{module.place}:{node.lineno}: {node.name}"
        for module in modules("tests")
        if Path(module.path).name.startswith("test_")
        for node in definitions(module)
        if node.name.startswith("test_") and len(node.name.split("_")) < 4
    ]
    assert not short, "\n".join(short)
