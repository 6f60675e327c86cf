"""The source as the house tests read it: modules, their trees, names and lines."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
PACKAGE = REPOSITORY / "src" / "suyuan"


@dataclass(frozen=True)
class Module:
    """One Python file: its dotted name, its path, its text and its tree."""

    name: str
    path: Path
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        """Give what the file says; read at need, for tests are collected in every worker."""
        return ast.parse(self.text, filename=str(self.path))

    @property
    def part(self) -> str:
        """Give the package or top module it belongs to: `event` of `suyuan.event._hash`."""
        return self.name.split(".")[1] if "." in self.name else ""

    @property
    def place(self) -> str:
        """Give the path that a reader can open."""
        return str(self.path.relative_to(REPOSITORY))


@cache
def modules(folder: str = "src/suyuan") -> tuple[Module, ...]:
    """Give every Python file below a folder of the repository."""
    root = REPOSITORY / folder
    return tuple(_read(path) for path in sorted(root.rglob("*.py")))


def _read(path: Path) -> Module:
    source = REPOSITORY / "src"
    inside = path.relative_to(source if path.is_relative_to(source) else REPOSITORY)
    name = ".".join(inside.with_suffix("").parts).removesuffix(".__init__")
    return Module(name, path, path.read_text(encoding="utf-8"))


def imports(module: Module) -> Iterator[tuple[str, int]]:
    """Give every module that is imported, with the line, wherever the import stands.

    `from suyuan.event import Event` gives `suyuan.event`; `from suyuan import event` gives
    `suyuan.event` too, because a name of the root package is a package.
    """
    package = module.name if module.path.name == "__init__.py" else module.name.rpartition(".")[0]
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) - node.level + 1]
            origin = ".".join([*above, *filter(None, [node.module])]) if node.level else node.module
            if origin == "suyuan":
                yield from ((f"suyuan.{alias.name}", node.lineno) for alias in node.names)
            else:
                yield str(origin), node.lineno


def definitions(module: Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef]:
    """Give every function, method and class."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node


def words(name: str) -> list[str]:
    """Split a name into its words: `LotHolds` → lot holds, `/epcis/named-queries` → …"""
    apart = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", name)
    return [word.lower() for word in re.split(r"[^A-Za-z0-9]+", apart) if word]


def has_words(name: str, banned: str) -> bool:
    """Tell whether a name says a banned word, or banned words one after the other."""
    said, sought = words(name), words(banned)
    return any(said[i : i + len(sought)] == sought for i in range(len(said)))
