"""`suyuan backup`, `suyuan restore`: the whole record in one file. 备份与恢复"""

from __future__ import annotations

import getpass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from suyuan.cli._terminal import (
    DataOption,
    LanguageOption,
    count_of,
    language_of,
    open_record,
    output,
    progress_bar,
    say,
    waiting,
)
from suyuan.errors import Language, Problem, Refused
from suyuan.journal import VerifyReport, verify_journal
from suyuan.settings import load_settings
from suyuan.store import Database, backup_folder, open_database, restore_backup, write_backup

__all__ = ["backup_command", "restore_command"]


def backup_command(
    file: Annotated[
        Path | None,
        typer.Argument(
            help="File to write, not there yet [a new one in backups/ of the data folder].",
            metavar="FILE",
            show_default=False,
        ),
    ] = None,
    data: DataOption = None,
    lang: LanguageOption = None,
) -> None:
    """Write the whole record, keys of the logs included, to one file.

    Work may go on meanwhile. Keep the file like a key: it can sign in the log's name.
    """
    language = language_of(lang)
    say("writing the backup …", "正在备份……", language)
    if file is not None and file.exists():
        raise Refused(Problem(code="cli.file_exists", where=str(file)))
    with (
        open_record(data, "default", must_exist=True) as record,
        waiting("备份" if language == "zh" else "backup"),
    ):
        folder = record.settings.data
        if file is None:
            file = backup_folder(folder) / f"suyuan-{datetime.now(UTC):%Y%m%d-%H%M%S}.backup"
        manifest = write_backup(record.database, folder, file, by=getpass.getuser())
    size = file.stat().st_size
    tenants = ", ".join(manifest["tenants"])
    say(
        f"wrote {file}: {size / 1e6:.1f} MB, {count_of(len(manifest['tenants']), 'tenant')}: "
        f"{tenants}",
        f"已写入 {file}：{size / 1e6:.1f} MB，租户 {tenants}",
        language,
    )


def restore_command(
    file: Annotated[Path, typer.Argument(help="A backup.", metavar="FILE")],
    data: DataOption = None,
    lang: LanguageOption = None,
) -> None:
    """Restore a backup into an empty data folder, and verify every journal in it.

    Exit 1 when the restored record does not verify.
    """
    language = language_of(lang)
    settings = load_settings(data=data)
    say("restoring …", "正在恢复……", language)
    with waiting("恢复" if language == "zh" else "restore"):
        restore_backup(file, settings.data, settings.database_url)
    say("verifying …", "正在校验……", language)
    is_sound = True
    with open_database(settings.data, settings.database_url) as database:
        for name, tenant_id in database.tenant_names().items():
            report = _verify(database, tenant_id, name, language)
            is_sound &= report.is_sound
            say(
                f"{name}: {count_of(report.entries, 'entry', 'entries')}, "
                f"{'sound' if report.is_sound else 'BROKEN'}",
                f"{name}：{report.entries:,} 条事件，{'完好' if report.is_sound else '已损坏'}",
                language,
            )
            for problem in report.problems:
                output.print(problem.text(language), markup=False, style="red")
    if not is_sound:
        raise typer.Exit(1)


def _verify(database: Database, tenant_id: int, name: str, language: Language) -> VerifyReport:
    with progress_bar() as bar:
        title = f"校验 {name}" if language == "zh" else f"verify {name}"
        task = bar.add_task(title, total=None, rate="")
        return verify_journal(
            database,
            tenant_id,
            progress=lambda done, total: bar.update(task, completed=done, total=total),
        )
