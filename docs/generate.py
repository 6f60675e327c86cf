"""Write the reference pages that are made from the program itself, so that they can't lag behind.

    python docs/generate.py            write docs/reference/*.md anew
    python docs/generate.py --check    say which are stale, and exit 1 if any is

A test does the same as `--check`.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import json
import pkgutil
import sys
import tomllib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any, Literal, get_args, get_origin

REFERENCE = Path(__file__).resolve().parent / "reference"
SOURCE = Path(__file__).resolve().parent.parent / "src" / "suyuan"

_NOTE = "<!-- Written by docs/generate.py from {source}; change that, not this page. -->"


def _page(title: str, source: str, *parts: str) -> str:
    return "\n\n".join([f"# {title}", _NOTE.format(source=source), *parts]) + "\n"


def _table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    def line(cells: tuple[str, ...]) -> str:
        flat = (" ".join(cell.split()).replace("|", "\\|") for cell in cells)
        return "| " + " | ".join(flat) + " |"

    return "\n".join([line(head), "|" + " --- |" * len(head), *map(line, rows)])


def _code(text: str) -> str:
    return f"`{text}`" if text else ""


# --------------------------------------------------------------------------------------- glossary


def glossary() -> Mapping[str, Any]:
    """Read the words of the house."""
    page = Path(__file__).resolve().parent / "glossary.toml"
    return tomllib.loads(page.read_text(encoding="utf-8"))


def glossary_page() -> str:
    """Write the words of the house as one table."""
    words = glossary()
    rows = [
        (
            f"**{term['term']}**",
            term["zh"],
            term["source"],
            term["meaning"],
            "; ".join([*map(_code, term.get("never", [])), *term.get("avoid", [])]),
        )
        for term in words["term"]
    ]
    return _page(
        "Glossary 术语",
        "docs/glossary.toml",
        "One row is one concept, and has one name in code, tables, addresses and headings.\n"
        "What stands in the last column `like this` is refused by a test in names; "
        "the rest is for reviewers.",
        "Three pairs to keep apart first: **disposition** (what EPCIS says of the state of "
        "objects) and **nc_decision** (what is done with bad material); **event** (what happened) "
        "and **alarm** (what a person has to look at); **lot** (an amount of a product) and "
        "**batch** (a run of production).",
        _table(("Term", "中文", "Source", "What it is", "Not"), rows),
        "Never the name of a package or module, because they say nothing about what is inside: "
        + ", ".join(map(_code, words["layout"]["never"]))
        + ".",
    )


# ----------------------------------------------------------------------------------------- errors

_KINDS = (
    ("InvalidInput", "422", "the data is wrong; change it"),
    ("Refused", "409", "a rule says no for now"),
    ("NotFound", "404", "there is no such thing"),
    ("Denied", "403", "the caller may not"),
    ("Unavailable", "503", "something outside failed; try again"),
    ("IntegrityBroken", "500", "our own records disagree; stop and call someone"),
)


def message_files() -> list[Path]:
    """Give every page of error texts: the package's own first, then those of its parts."""
    return sorted(SOURCE.rglob("messages.toml"), key=lambda page: (len(page.parts), page))


def messages(page: Path) -> Mapping[str, Mapping[str, str]]:
    """Read one page of error texts: code → language → text."""
    return tomllib.loads(page.read_text(encoding="utf-8"))


def errors_page() -> str:
    """Write every error code with its texts."""
    parts = []
    for page in message_files():
        rows = [
            (f'<a id="{code}"></a>{_code(code)}', texts["en"], texts["zh"])
            for code, texts in sorted(messages(page).items())
        ]
        area = page.parent.name if page.parent != SOURCE else "everywhere"
        parts.append(f"## {area}\n\n" + _table(("Code", "English", "中文"), rows))
    return _page(
        "Errors 错误代码",
        "the messages.toml of each package",
        "An error has a code, which never changes and is never used again for something else, "
        "and a text, which may be worded better one day: match on the code.\n"
        "Over HTTP an error is a problem document (RFC 9457); on the command line it is one line "
        "a problem, or JSON with `--json`.\n"
        "All problems of one input come at once, each with where it is, the rule, what was "
        "expected and what was found; words in braces below are filled in.",
        _table(("Kind", "HTTP", "What it means for you"), list(_KINDS)),
        *parts,
    )


# --------------------------------------------------------------------------------------- settings


def settings_page() -> str:
    """Write every setting with its name in both places and its default."""
    from suyuan.settings import Settings

    prefix = str(Settings.model_config.get("env_prefix"))
    rows = []
    for name, field in Settings.model_fields.items():
        shown = field.get_default()
        rows.append(
            (
                _code(name),
                _code(prefix + name.upper()),
                _code("" if shown is None else str(shown)) or "—",
                (field.description or "").rstrip(".") + _bounds(field.metadata) + ".",
            )
        )
    return _page(
        "Settings 设置",
        "suyuan.settings",
        "A setting comes from the environment, else from `suyuan.toml` in the current folder "
        "(or the file that `SUYUAN_CONFIG` names), else it has its default.\n"
        "Options of a command go before both.\n"
        "A wrong setting stops the start with one line for each.",
        _table(("In suyuan.toml", "In the environment", "Default", "What it is"), rows),
    )


def _bounds(metadata: list[Any]) -> str:
    """Say what values a setting may take."""
    words = {"ge": "at least", "gt": "more than", "le": "at most", "lt": "less than"}
    said = []
    for constraint in metadata:
        for sign, word in words.items():
            if (bound := getattr(constraint, sign, None)) is not None:
                said.append(f"{word} {bound}")
        if pattern := getattr(constraint, "pattern", None):
            said.append("one of " + ", ".join(_code(w) for w in pattern.strip("^()$").split("|")))
    return f" ({', '.join(said)})" if said else ""


# --------------------------------------------------------------------------------------- commands


def commands() -> Iterator[tuple[str, Any]]:
    """Give every command of the command line: its words, and what Typer made of it."""
    from typer.main import get_command

    from suyuan.cli import app

    yield from _walk("suyuan", get_command(app))


def _walk(words: str, command: Any) -> Iterator[tuple[str, Any]]:
    """Give a command and, where it is a group, every command in it."""
    from typer import Context

    yield words, command
    if hasattr(command, "list_commands"):
        context = Context(command)
        for name in command.list_commands(context):
            yield from _walk(f"{words} {name}", command.get_command(context, name))


def commands_page() -> str:
    """Write every command with its arguments and options, as its help says it."""
    from suyuan.cli._help import texts_in_chinese

    parts = []
    for words, command in commands():
        rows = [_parameter_row(command, param) for param in command.params if not _is_hidden(param)]
        head = ("Argument or option", "Default", "What it is", "说明")
        said = [
            f"## {words}",
            inspect.cleandoc(command.help or ""),
            texts_in_chinese(command.name)["help"].strip(),
            f"```text\n{' '.join([words, *_usage(command)])}\n```",
            _table(head, rows) if rows else "",
        ]
        parts.append("\n\n".join(filter(None, said)))
    return _page(
        "Command line 命令行",
        "suyuan.cli",
        "From a clone, `./run` stands for `suyuan`.\n"
        "`--lang zh` or `--lang en`, before the command or behind it, chooses the language of "
        "help, answers and errors; else it is that of the terminal (`SUYUAN_LANG`, `LANG`).",
        *parts,
    )


def _is_option(param: Any) -> bool:
    return str(param.param_type_name) == "option"


def _is_hidden(param: Any) -> bool:
    return bool(getattr(param, "hidden", False)) or param.name == "help"


def _usage(command: Any) -> Iterator[str]:
    from suyuan.cli._help import synopsis

    if any(_is_option(param) and not _is_hidden(param) for param in command.params):
        yield "[OPTIONS]"
    yield from (synopsis(param) for param in command.params if not _is_option(param))
    if hasattr(command, "list_commands"):
        yield "COMMAND"


def _parameter_row(command: Any, param: Any) -> tuple[str, str, str, str]:
    from suyuan.cli._help import said_in_chinese, synopsis

    default = param.default
    plain = isinstance(default, str | int | float | Path) and not isinstance(default, bool)
    return (
        _code(synopsis(param)),
        _code(str(default)) if plain and str(default) else "—",
        (param.help or "").strip(),
        said_in_chinese(command, param),
    )


# ------------------------------------------------------------------------------------------- HTTP


def routes() -> list[tuple[str, str, str, str]]:
    """Give every documented address: its group, its method, its path, what it does."""
    from fastapi import FastAPI

    app = FastAPI()
    for name in sorted(module.name for module in pkgutil.iter_modules([str(SOURCE / "api")])):
        module = importlib.import_module(f"suyuan.api.{name}")
        if hasattr(module, "router"):
            app.include_router(module.router)
    return [
        (
            ", ".join(operation.get("tags", ["Other"])),
            method.upper(),
            path,
            operation.get("description") or operation.get("summary", ""),
        )
        for path, methods in app.openapi()["paths"].items()
        for method, operation in methods.items()
    ]


def routes_page() -> str:
    """Write every address of the server, by group."""
    groups: dict[str, list[tuple[str, ...]]] = {}
    for group, method, path, description in routes():
        first = inspect.cleandoc(description).partition("\n\n")[0]
        groups.setdefault(group, []).append((method, _code(path), first))
    return _page(
        "HTTP 接口",
        "the routes of suyuan.api",
        "A running server describes itself at `/openapi.json`, with every parameter and answer.\n"
        "Errors are problem documents (RFC 9457); [their codes](errors.md).",
        *(
            f"## {group}\n\n" + _table(("Method", "Path", "What it does"), rows)
            for group, rows in sorted(groups.items())
        ),
    )


def openapi_page() -> str:
    """Write the description of the HTTP face that a running server gives at `/openapi.json`."""
    from suyuan.api import openapi_document

    return json.dumps(openapi_document(), indent=1, ensure_ascii=False) + "\n"


# ----------------------------------------------------------------------------------------- Python


def packages() -> list[str]:
    """Give the public modules of the package: `suyuan.errors`, `suyuan.event` and so on."""
    found = [f"suyuan.{module.name}" for module in pkgutil.iter_modules([str(SOURCE)])]
    return sorted(name for name in found if not name.rpartition(".")[2].startswith("_"))


def python_page() -> str:
    """Write every public name with the first line of its description."""
    parts = []
    for name in packages():
        module = importlib.import_module(name)
        rows = [
            (
                _code(public),
                _first_line(getattr(module, public))
                or _said_beside(module, public)
                or _value(getattr(module, public)),
            )
            for public in module.__all__
        ]
        parts.append(f"## {name}\n\n{_first_line(module)}")
        if rows:
            parts.append(_table(("Name", "What it is"), rows))
    return _page(
        "Python 接口",
        "the packages' `__all__`",
        "What is listed here may be used from outside its package; all else is private.\n"
        "`help(name)` in Python tells the rest.",
        *parts,
    )


def _first_line(thing: object) -> str:
    if inspect.ismodule(thing) or inspect.isclass(thing) or inspect.isroutine(thing):
        return (inspect.getdoc(thing) or "").partition("\n\n")[0].replace("\n", " ")
    return ""


def _said_beside(module: ModuleType, name: str) -> str:
    """Give what the source says of a constant: the text below it, or the comment at its line."""
    page = Path(str(module.__file__))
    for source in sorted(page.parent.glob("*.py")) if page.name == "__init__.py" else [page]:
        text = source.read_text(encoding="utf-8")
        body = ast.parse(text).body
        for node, after in zip(body, [*body[1:], None], strict=True):
            targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", 0)]
            if not any(isinstance(one, ast.Name) and one.id == name for one in targets):
                continue
            match after:
                case ast.Expr(value=ast.Constant(value=str(said))):
                    return inspect.cleandoc(said).partition("\n\n")[0]
            lines = text.splitlines()[node.lineno - 1 : node.end_lineno]
            return next((line.partition("  # ")[2] for line in lines if "  # " in line), "")
    return ""


def _value(thing: object) -> str:
    if get_origin(thing) is Literal:
        return "one of " + ", ".join(_code(str(word)) for word in get_args(thing))
    shown = repr(thing)
    if len(shown) > 60 or " at 0x" in shown:
        return f"of type {_code(type(thing).__name__)}"
    return f"is {_code(shown)}"


PAGES: dict[str, Callable[[], str]] = {
    "glossary.md": glossary_page,
    "errors.md": errors_page,
    "settings.md": settings_page,
    "cli.md": commands_page,
    "http.md": routes_page,
    "openapi.json": openapi_page,
    "python.md": python_page,
}


def is_stale(name: str) -> bool:
    """Tell whether a page differs from what would be written now."""
    page = REFERENCE / name
    return not page.exists() or page.read_text(encoding="utf-8") != PAGES[name]()


def main(arguments: list[str]) -> int:
    """Write the pages, or with `--check` say which are stale."""
    stale = [name for name in PAGES if is_stale(name)]
    print("\n".join(stale) if stale else "every generated page is up to date")
    if "--check" in arguments:
        return 1 if stale else 0
    for name in stale:
        (REFERENCE / name).write_text(PAGES[name](), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
