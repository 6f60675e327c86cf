"""The command face: `suyuan COMMAND`. 命令行

Each command is a module here; it is imported only when it is called, so that the small ones
answer at once.
"""

from __future__ import annotations

import os
import sys
from importlib import import_module
from typing import Any

import typer
from typer.exceptions import TyperException

from suyuan.cli._help import SpeakingCommand, SpeakingGroup
from suyuan.cli._terminal import (
    LanguageOption,
    asked_language,
    hint,
    language_of,
    show_error,
)
from suyuan.errors import InvalidInput, SuyuanError

__all__ = ["app", "main"]

_COMMANDS = {
    "serve": "serve:serve_command",
    "capture": "capture:capture_command",
    "import": "import_table:import_command",
    "import-mapping": "import_table:import_mapping_command",
    "check": "check:check_command",
    "hash": "check:hash_command",
    "convert": "convert:convert_command",
    "code": "code:code_command",
    "events": "events:events_command",
    "trace": "trace:trace_command",
    "history": "trace:history_command",
    "whereabouts": "trace:whereabouts_command",
    "contents": "trace:contents_command",
    "at-place": "at_place:at_place_command",
    "gaps": "gaps:gaps_command",
    "readiness": "gaps:readiness_command",
    "mass-balance": "mass_balance:mass_balance_command",
    "common": "suspects:common_command",
    "compare": "compare:compare_command",
    "mock-recall": "mock_recall:mock_recall_command",
    "verify": "verify:verify_command",
    "proof": "verify:proof_command",
    "verify-proof": "verify:verify_proof_command",
    "user": "user:user_command",
    "api-key": "api_key:api_key_command",
    "backup": "backup:backup_command",
    "restore": "backup:restore_command",
    "reindex": "reindex:reindex_command",
    "demo": "demo:demo_command",
    "bench": "bench:bench_command",
}


class _Commands(SpeakingGroup):
    """The commands by name, each built when it is asked for."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Give the names in the order a newcomer needs them."""
        return list(_COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Import one command and build it."""
        if cmd_name not in _COMMANDS:
            return None
        module, function = _COMMANDS[cmd_name].split(":")
        alone = typer.Typer(add_completion=False, rich_markup_mode=None)
        called = getattr(import_module(f"suyuan.cli.{module}"), function)
        alone.command(cmd_name, cls=SpeakingCommand)(called)
        return typer.main.get_command(alone)


app = typer.Typer(
    name="suyuan",
    cls=_Commands,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="Suyuan (溯源): where any product, lot or container came from, where it went, "
    "and what is affected, with proof.",
)


@app.callback(invoke_without_command=True)
def _root(
    context: typer.Context,
    version: bool = typer.Option(False, "--version", help="Show the version."),
    lang: LanguageOption = None,
) -> None:
    if version:
        from suyuan import __version__

        sys.stdout.write(f"suyuan {__version__}\n")
        raise typer.Exit
    if context.invoked_subcommand is None:
        sys.stdout.write(context.get_help() + "\n")
        raise typer.Exit(2)
    context.default_map = {name: {"lang": lang} for name in _COMMANDS}


def main() -> None:
    """Run the command line; whatever goes wrong is said in a sentence, never a traceback."""
    words = sys.argv[1:]
    try:
        sys.exit(app(standalone_mode=False))
    except SuyuanError as error:
        show_error(error, as_json="--json" in words, language=language_of(asked_language(words)))
        sys.exit(1)
    except TyperException as error:
        _show_usage_error(error, words)
        sys.exit(2)
    except typer.Abort:  # What was read has ended too early, and nobody said so.
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        # Whoever read our output has left; nothing more to say, not even at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(141)


def _show_usage_error(error: TyperException, words: list[str]) -> None:
    from suyuan.cli._usage import usage_problem

    language = language_of(asked_language(words))
    show_error(InvalidInput(usage_problem(error)), as_json="--json" in words, language=language)
    if "--json" not in words:
        command = next((f" {word}" for word in words if word in _COMMANDS), "")
        ask = f"suyuan{command} --help"
        hint(f"see {ask}", f"用法见 {ask}", language)
