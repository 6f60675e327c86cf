"""`suyuan verify`, `proof`, `verify-proof`: the record proves itself. 校验与证明"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from suyuan.cli._terminal import (
    DataOption,
    JsonOption,
    LanguageOption,
    Record,
    TenantOption,
    count_of,
    language_of,
    open_record,
    output,
    progress_bar,
    say,
    say_json,
)
from suyuan.errors import InvalidInput, Language, NotFound, Problem
from suyuan.journal import (
    LogReader,
    VerifyReport,
    proof_of_event,
    read_events,
    verify_journal,
    verify_proof,
)
from suyuan.tlog import parse_verifier_key

__all__ = ["proof_command", "verify_command", "verify_proof_command"]

_DIGITS_MAX = 19  # More than any number that the journal can give.


def verify_command(
    data: DataOption = None,
    tenant: TenantOption = "default",
    key: Annotated[
        str | None,
        typer.Option(
            help="Public key of the log as you noted it elsewhere; without it the one in the "
            "database is believed.",
            metavar="KEY",
            show_default=False,
        ),
    ] = None,
    as_json: JsonOption = False,
    lang: LanguageOption = None,
) -> None:
    """Work out the whole journal again from its events and compare.

    Every event is hashed again, its index rows, its leaf, the Merkle tree, every stored tile
    and every signed checkpoint are compared. Exit 1 when anything disagrees: the first
    broken entry is named first.
    """
    language = language_of(lang)
    if key is not None:
        parse_verifier_key(key)  # A mistyped key must not look like a changed record.
    started = time.perf_counter()
    with open_record(data, tenant, must_exist=True) as record, progress_bar(hidden=as_json) as bar:
        task = bar.add_task("校验" if language == "zh" else "verify", total=None, rate="")
        report = verify_journal(
            record.database,
            record.tenant_id,
            verifier_key=key,
            progress=lambda done, total: bar.update(task, completed=done, total=total),
        )
    seconds = time.perf_counter() - started
    if as_json:
        say_json(_as_dict(report, seconds, language))
    else:
        _show(report, seconds, language)
    if not report.is_sound:
        raise typer.Exit(1)


def _as_dict(report: VerifyReport, seconds: float, language: Language) -> dict[str, object]:
    return {
        "sound": report.is_sound,
        "entries": report.entries,
        "postings": report.postings,
        "checkpoints": report.checkpoints,
        "tiles": report.tiles,
        "covered": report.covered,
        "root": report.root,
        "seconds": round(seconds, 3),
        "problems": [problem.as_dict(language) for problem in report.problems],
    }


def _show(report: VerifyReport, seconds: float, language: Language) -> None:
    say(
        f"{count_of(report.entries, 'entry', 'entries')}, {count_of(report.postings, 'posting')}, "
        f"{count_of(report.checkpoints, 'checkpoint')}, {count_of(report.tiles, 'tile')} "
        f"checked in {seconds:.1f} s",
        f"已校验 {report.entries:,} 条事件、{report.postings:,} 条索引、{report.checkpoints:,} "
        f"个检查点、{report.tiles:,} 个瓦片，用时 {seconds:.1f} 秒",
        language,
    )
    for problem in report.problems:
        output.print(problem.text(language), markup=False, style="red")
    if not report.is_sound:
        say("the record was changed", "记录已被改动", language)
        return
    say(f"sound; root {report.root}", f"完好；根哈希 {report.root}", language)
    if report.covered < report.entries:
        waiting = report.entries - report.covered
        verb = "awaits its" if waiting == 1 else "await their"
        say(
            f"the newest {count_of(waiting, 'entry', 'entries')} {verb} checkpoint",
            f"最新 {waiting:,} 条尚待检查点覆盖",
            language,
        )


def proof_command(
    event: Annotated[
        str,
        typer.Argument(
            help="Number of the event as `suyuan events` shows it, or its ID.", metavar="EVENT"
        ),
    ],
    target: Annotated[
        Path,
        typer.Option(
            "-o", "--output", help="File to write; - for standard output.", metavar="FILE"
        ),
    ],
    declaration: Annotated[
        bool,
        typer.Option(
            "--declaration", help="Prove the error declaration of this ID, not the event."
        ),
    ] = False,
    data: DataOption = None,
    tenant: TenantOption = "default",
    lang: LanguageOption = None,
) -> None:
    """Write a proof, for a stranger, that this event is in the log."""
    with open_record(data, tenant, must_exist=True) as record:
        record.update_log()
        event_id, declaration = _event_named(record, event, declaration)
        proof = proof_of_event(
            record.database, record.tenant_id, event_id, is_error_declaration=declaration
        )
        with record.database.tenant(record.tenant_id, read_only=True) as connection:
            key = LogReader(connection, record.tenant_id).verifier_key()
    if str(target) == "-":
        sys.stdout.buffer.write(proof)
        return
    try:
        target.write_bytes(proof)
    except OSError as error:
        raise InvalidInput(_unwritable(target, error)) from error
    check = f"suyuan verify-proof {target} --key '{key}'"
    say(
        f"wrote {target}; whoever has the log's public key can check it:\n  {check}",
        f"已写入 {target}；持有日志公钥的任何人都可验证：\n  {check}",
        language_of(lang),
    )


def _event_named(record: Record, text: str, is_declaration: bool) -> tuple[str, bool]:
    """Give the ID of an event, and whether it is an error declaration.

    A number is that of the journal: no event ID is one, because each is a URI.
    Raises NotFound `journal.event_unknown`.
    """
    if not text.isdecimal():
        return text, is_declaration
    number = int(text[:_DIGITS_MAX])
    if not 1 <= number <= record.journal.position():
        raise NotFound(Problem(code="journal.event_unknown", found=text[:200]))
    (found,) = read_events(record.database, record.tenant_id, [number])
    return found.event_id, "errorDeclaration" in msgspec.json.decode(found.body)


def verify_proof_command(
    file: Annotated[Path, typer.Argument(help="A proof file.", metavar="FILE")],
    key: Annotated[
        str,
        typer.Option(help="Public key of the log, as its owner publishes it.", metavar="KEY"),
    ],
    as_json: JsonOption = False,
    lang: LanguageOption = None,
) -> None:
    """Check a proof file: needs no database, no network, no trust."""
    try:
        data = file.read_bytes()
    except OSError as error:
        raise InvalidInput(_unreadable(file, error)) from error
    proven = verify_proof(data, key)
    entry, checkpoint = proven.proof.entry, proven.proof.checkpoint
    if as_json:
        say_json(
            {
                "event_id": entry.event_id,
                "sequence": entry.sequence,
                "record_time_us": entry.record_time_us,
                "origin": checkpoint.origin,
                "size": checkpoint.size,
                "root": checkpoint.root.hex(),
                "event": proven.event.body,
            }
        )
        return
    say(
        f"proven: event {entry.event_id} is entry {entry.sequence} of {checkpoint.size} "
        f"in the log {checkpoint.origin}",
        f"证明成立：事件 {entry.event_id} 是日志 {checkpoint.origin} 中 {checkpoint.size} 条的"
        f"第 {entry.sequence} 条",
        language_of(lang),
    )


def _unreadable(file: Path, error: OSError) -> Problem:
    return Problem(code="cli.file_unreadable", where=str(file), found=error.strerror or str(error))


def _unwritable(file: Path, error: OSError) -> Problem:
    return Problem(code="cli.file_unwritable", where=str(file), found=error.strerror or str(error))
