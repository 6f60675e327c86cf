"""What is wrong with a command line itself, as problems of ours: with a code, in two languages.

Typer tells it in English alone; what it found is taken out of its error.
"""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import Any

from typer.exceptions import TyperException

from suyuan.cli._help import said_in_chinese, synopsis
from suyuan.errors import Problem

__all__ = ["usage_problem"]

_FOUND_MAX = 200


def usage_problem(error: TyperException) -> Problem:
    """Give the problem that Typer found with the words of a command line."""
    command = getattr(error, "cmd", None)
    match type(error).__name__:
        case "NoSuchOption":
            return _unknown_option(error, command)
        case "BadOptionUsage":
            takes_no_value = "does not take" in error.message
            code = "cli.option_value_unexpected" if takes_no_value else "cli.option_value_missing"
            return Problem(code=code, where=_attribute(error, "option_name"))
        case "MissingParameter":
            return _missing(error, command)
        case "BadParameter":
            return _wrong_value(error)
    if found := re.fullmatch(r"No such command '(.*)'\..*", error.message, re.DOTALL):
        return _unknown_command(found[1], command)
    if found := re.fullmatch(r"Got unexpected extra arguments?(?:\(s\))? \((.*)\)", error.message):
        return Problem(code="cli.argument_unexpected", found=found[1][:_FOUND_MAX])
    return Problem(code="cli.usage_wrong", found=error.format_message())


def _attribute(error: TyperException, name: str) -> str:
    return str(getattr(error, name))[:_FOUND_MAX]


def _unknown_option(error: Any, command: Any) -> Problem:
    known = [name for one in command.params for name in one.opts] if command else []
    near = error.possibilities or get_close_matches(error.option_name, known, n=1)
    return Problem(
        code="cli.option_unknown",
        expected=", ".join(near or [*known, "--help"]),
        found=_attribute(error, "option_name"),
    )


def _unknown_command(name: str, group: Any) -> Problem:
    known = group.list_commands(None)
    near = get_close_matches(name, known, n=1)
    return Problem(
        code="cli.command_unknown", expected=", ".join(near or known), found=name[:_FOUND_MAX]
    )


def _missing(error: Any, command: Any) -> Problem:
    param = error.param
    code = "cli.argument_missing"
    if param.param_type_name == "option":
        code = "cli.option_missing"
    return Problem(
        code=code,
        where=synopsis(param),
        expected=str(param.help or "").rstrip("."),
        values={"expected_zh": said_in_chinese(command, param).rstrip("。")},
    )


def _wrong_value(error: Any) -> Problem:
    param = error.param
    fault = error.__cause__.errors()[0] if hasattr(error.__cause__, "errors") else {}
    expected, chinese = str(param.metavar), str(param.metavar)
    if str(fault.get("type", "")).startswith("int"):
        expected, chinese = "a whole number", "整数"
    elif "ge" in fault.get("ctx", {}):
        least = fault["ctx"]["ge"]
        expected, chinese = f"at least {least}", f"不小于 {least} 的数"
    return Problem(
        code="cli.option_value_wrong",
        where=param.opts[0],
        expected=expected,
        found=str(fault.get("input", ""))[:_FOUND_MAX],
        values={"expected_zh": chinese},
    )
