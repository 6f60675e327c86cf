"""Help of the commands, in English and in Chinese. 帮助

English stands beside the code, in docstrings and options; the Chinese of all of it in
`help.toml`. Typer's own help knows one language, no width of Chinese characters, and shows
repeated arguments twice over, so it is written here.
"""

from __future__ import annotations

import inspect
import re
import shutil
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from rich.cells import cell_len
from typer.core import TyperCommand, TyperGroup

from suyuan.cli._terminal import asked_language, language_of
from suyuan.errors import Language

__all__ = ["SpeakingCommand", "SpeakingGroup", "said_in_chinese", "synopsis", "texts_in_chinese"]

_WIDTH_MAX = 100
_WIDTH_MIN = 40
_FIRST_COLUMN_MAX = 26
_OF_ALL = "all"
_WORDS: Mapping[str, tuple[str, str]] = {
    "usage": ("Usage: ", "用法："),
    "options": ("[OPTIONS]", "[选项]"),
    "command": ("COMMAND …", "命令 …"),
    "Arguments": ("Arguments:", "参数："),
    "Options": ("Options:", "选项："),
    "Commands": ("Commands:", "命令："),
    "required": ("[required]", "[必填]"),
    "help": ("Show this help.", "显示此帮助。"),
}
_WIDE = "⺀-鿿＀-￯"
_OPENING = "“‘《（"
_CLOSING = "，。；：、！？）》”’…"
_PIECES = re.compile(
    f"[{_OPENING}]*(?:(?![{_OPENING}{_CLOSING}])[{_WIDE}]|[^\\s{_WIDE}{_OPENING}{_CLOSING}]+)"
    f"[{_CLOSING}]*|[{_OPENING}{_CLOSING}]+"
)


class SpeakingCommand(TyperCommand):
    """A command whose help comes in the language asked for."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Take note of the language before `--help` is followed."""
        ctx.meta["language"] = _language(ctx, args)
        return super().parse_args(ctx, args)

    def get_help(self, ctx: Any) -> str:
        """Write the help."""
        return _help(self, ctx)


class SpeakingGroup(TyperGroup):
    """The commands together, whose help comes in the language asked for."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Take note of the language before `--help` is followed."""
        ctx.meta["language"] = _language(ctx, args)
        return super().parse_args(ctx, args)

    def get_help(self, ctx: Any) -> str:
        """Write the help."""
        return _help(self, ctx)


def _language(ctx: Any, args: list[str]) -> Language:
    before = (ctx.default_map or {}).get("lang")
    return language_of(asked_language(args) or before)


@cache
def _chinese() -> dict[str, dict[str, str]]:
    page = files("suyuan.cli") / "help.toml"
    return tomllib.loads(page.read_text(encoding="utf-8"))


def texts_in_chinese(command: str) -> Mapping[str, str]:
    """Give what is said of a command (under `help`) and of its parameters, by name.

    `{list}` stands for the words that the English text lists at its end.
    """
    return _chinese()[_OF_ALL] | _chinese()[command]


def said_in_chinese(command: Any, param: Any) -> str:
    """Give what is said of a parameter."""
    listed = str(param.help or "").rpartition(": ")[2].rstrip(".")
    return texts_in_chinese(command.name)[param.name].replace("{list}", listed)


def synopsis(param: Any) -> str:
    """Give a parameter as a person writes it: `PATH…`, `[NAME=VALUE…]`, `--data FOLDER`."""
    if param.param_type_name == "option":
        names = ", ".join(param.opts)
        return names if param.is_flag or param.metavar is None else f"{names} {param.metavar}"
    name = f"{param.metavar or param.name.upper()}{'…' if param.nargs == -1 else ''}"
    return name if param.required else f"[{name}]"


def _help(command: Any, ctx: Any) -> str:
    language: Language = ctx.meta.get("language", "en")
    at = 1 if language == "zh" else 0
    width = max(_WIDTH_MIN, min(_WIDTH_MAX, shutil.get_terminal_size().columns))
    is_group = hasattr(command, "list_commands")
    arguments = [one for one in command.params if one.param_type_name == "argument"]
    words = [ctx.command_path, _WORDS["options"][at], *map(synopsis, arguments)]
    if is_group:
        words.append(_WORDS["command"][at])
    lines = [_WORDS["usage"][at] + " ".join(words)]
    for paragraph in _about(command, language).split("\n\n"):
        lines += ["", *_wrapped(paragraph, width, "  ")]
    options = [one for one in command.get_params(ctx) if one.param_type_name == "option"]
    sections = {
        "Arguments": [(synopsis(one), _said(command, one, language)) for one in arguments],
        "Options": [(synopsis(one), _said(command, one, language)) for one in options],
        "Commands": list(_commands(command, ctx, language)) if is_group else [],
    }
    for title, rows in sections.items():
        if rows:
            lines += ["", _WORDS[title][at], *_table(rows, width)]
    return "\n".join(lines)


def _about(command: Any, language: Language) -> str:
    if language == "zh":
        return texts_in_chinese(command.name)["help"].strip()
    return inspect.cleandoc(command.help or "")


def _said(command: Any, param: Any, language: Language) -> str:
    """Give what is said of a parameter, with its default where it is a plain value."""
    at = 1 if language == "zh" else 0
    if param.name == "help":
        return _WORDS["help"][at]
    text = str(param.help or "")
    if language == "zh":
        text = said_in_chinese(command, param)
    if param.param_type_name == "option" and not param.is_flag:
        if param.required:
            return f"{text} {_WORDS['required'][at]}"
        if param.default is not None and param.show_default:
            return f"{text} [{param.default}]"
    return text


def _commands(group: Any, ctx: Any, language: Language) -> Iterator[tuple[str, str]]:
    """Give each command with the first sentence about it."""
    for name in group.list_commands(ctx):
        about = _about(group.get_command(ctx, name), language)
        yield name, about.partition("\n\n")[0]


def _table(rows: list[tuple[str, str]], width: int) -> Iterator[str]:
    column = min(_FIRST_COLUMN_MAX, max(cell_len(name) for name, _ in rows) + 4)
    for name, text in rows:
        first, *more = _wrapped(text, width, " " * column) or [""]
        head = f"  {name}"
        if cell_len(head) + 2 > column:
            yield head
            yield first
        else:
            yield head + first[cell_len(head) :]
        yield from more


def _wrapped(text: str, width: int, indent: str) -> list[str]:
    """Break a text into lines: between words, and between Chinese characters."""
    lines: list[str] = []
    line = ""
    for piece, behind in _pieces(text):
        joint = " " if behind and line else ""
        if line and cell_len(indent + line + joint + piece) > width:
            lines.append(indent + line)
            line, joint = "", ""
        line += joint + piece
    return [*lines, indent + line] if line else lines


def _pieces(text: str) -> Iterator[tuple[str, bool]]:
    """Give what may not be broken, and whether a space stood before it."""
    end = 0
    for match in _PIECES.finditer(text):
        yield match[0], match.start() > end
        end = match.end()
