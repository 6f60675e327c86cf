"""`suyuan import`, `suyuan import-mapping`: tables of any shape into the record. 导入"""

from __future__ import annotations

import getpass
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import msgspec
import typer

from suyuan.account import Actor
from suyuan.cli._files import write_pieces
from suyuan.cli._machine_zone import machine_zone
from suyuan.cli._terminal import (
    DataOption,
    JsonOption,
    LanguageOption,
    Record,
    TenantOption,
    count_of,
    hint,
    language_of,
    open_record,
    progress_bar,
    say,
    say_json,
)
from suyuan.errors import InvalidInput, Language, Problem
from suyuan.importing import (
    FaultFile,
    Found,
    Mapping,
    Reading,
    Result,
    SpooledRows,
    failed_as_csv,
    failed_as_xlsx,
    find_mapping,
    list_mappings,
    names_of_record,
    propose,
    read_elsewhere,
    read_mapping,
    reason_of,
    remove_mapping,
    run_import,
    save_mapping,
)

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

__all__ = ["import_command", "import_mapping_command"]

_SHOWN_MAX = 20
_SAMPLE_ROWS = 200
_PHASES = {
    "read": ("reading", "读取"),
    "groups": ("grouping", "分组"),
    "rows": ("rows", "转换"),
    "events": ("checking", "校验"),
    "capture": ("capture", "入账"),
}

_FailedOption = Annotated[
    Path | None,
    typer.Option(
        help="Write the rows that failed here, with the reasons, as .csv or .xlsx.",
        metavar="FILE",
        show_default=False,
    ),
]
_SheetOption = Annotated[
    str | None, typer.Option(help="The sheet of the workbook.", show_default=False)
]
_EncodingOption = Annotated[
    str | None,
    typer.Option(
        help="How the letters of the CSV are written, such as gb18030.", show_default=False
    ),
]


_ZoneOption = Annotated[
    str | None,
    typer.Option(
        "--zone",
        help="The time zone of the clocks in the table, such as Asia/Shanghai; else that of the "
        "mapping, and in a proposal that of this machine.",
        metavar="ZONE",
        show_default=False,
    ),
]


def import_command(
    file: Annotated[Path, typer.Argument(help="A CSV file or a workbook (XLSX, XLS).")],
    mapping: Annotated[
        str,
        typer.Option(
            help="What the columns mean: the name of a saved mapping, or a file with one. "
            "Without it, a proposal is printed and nothing is imported.",
            metavar="NAME|FILE",
            show_default=False,
        ),
    ] = "",
    is_dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Check every row, and import none.")
    ] = False,
    failed: _FailedOption = None,
    sheet: _SheetOption = None,
    encoding: _EncodingOption = None,
    zone: _ZoneOption = None,
    data: DataOption = None,
    tenant: TenantOption = "default",
    as_json: JsonOption = False,
    lang: LanguageOption = None,
) -> None:
    """Import a table: each row becomes an event, or part of one; or a name of master data.

    Says what is wrong cell by cell, and imports all other rows; exit 1 when any failed.
    Importing the same again changes nothing.
    """
    language = language_of(lang)
    if not file.is_file():
        problem = Problem(code="cli.file_unreadable", where=str(file), found="no such file")
        raise InvalidInput(problem)
    with open_record(data, tenant) as record, _folder(record) as name:
        folder = Path(name)
        chosen = _in_zone(_mapping(record, mapping), zone) if mapping else None
        reading = _reading(chosen, sheet, encoding)
        with progress_bar(hidden=as_json) as bar:
            found = read_elsewhere(file, folder, reading, told=_Teller(bar, language).tell)
        if chosen is None:
            _show_proposal(folder, found, file, reading, zone, language)
            return
        _say_zone(chosen, language)
        with progress_bar(hidden=as_json) as bar:
            result = run_import(
                record.journal,
                folder,
                found,
                chosen,
                names_of_record(record.database, record.tenant_id, record.settings.base_url),
                {},
                is_check=is_dry_run,
                told=_Teller(bar, language).tell,
            )
        record.update_log()
        _show(folder, found, result, as_json=as_json, is_dry_run=is_dry_run, language=language)
        if failed is not None and result.failed:
            _write_failed(folder, found, chosen, result, failed, language)
    if result.failed:
        raise typer.Exit(1)


def import_mapping_command(
    action: Annotated[
        Literal["list", "show", "save", "remove"],
        typer.Argument(help="What to do.", metavar="list|show|save|remove"),
    ] = "list",
    name: Annotated[str, typer.Argument(help="The name of the mapping.")] = "",
    file: Annotated[
        Path | None,
        typer.Argument(help="The file with the mapping to save.", show_default=False),
    ] = None,
    why: Annotated[
        str, typer.Option(help="The reason, for the audit trail.", show_default=False)
    ] = "",
    data: DataOption = None,
    tenant: TenantOption = "default",
    as_json: JsonOption = False,
    lang: LanguageOption = None,
) -> None:
    """List the saved mappings of imports, show one, save one from a file, or remove one."""
    language = language_of(lang)
    with open_record(data, tenant, must_exist=True) as record:
        user = getpass.getuser()
        actor = Actor(tenant_id=record.tenant_id, actor=f"command_line:{user}", name=user)
        if action == "list":
            saved = list_mappings(record.database, record.tenant_id)
            if as_json:
                say_json({"mappings": saved})
            for one in () if as_json else saved:
                text = f"{one.name}  {one.mapping.template}  {one.changed:%Y-%m-%d}"
                say(text, text, language)
        elif action == "show":
            say_json(find_mapping(record.database, record.tenant_id, name).mapping)
        elif action == "save":
            made = save_mapping(record.database, actor, name, _from_file(file), why=why)
            say(f"saved mapping {made.name}", f"已保存映射 {made.name}", language)
        else:
            remove_mapping(record.database, actor, name, why=why)
            say(f"removed mapping {name}", f"已删除映射 {name}", language)


def _folder(record: Record) -> tempfile.TemporaryDirectory[str]:
    """Make a folder that goes with the command, where there is room for a table."""
    place = record.settings.data / "imports"
    place.mkdir(parents=True, exist_ok=True)
    return tempfile.TemporaryDirectory(prefix="command-", dir=place)


def _mapping(record: Record, named: str) -> Mapping:
    path = Path(named)
    if path.is_file():
        return _from_file(path)
    return find_mapping(record.database, record.tenant_id, named).mapping


def _from_file(path: Path | None) -> Mapping:
    if path is None:
        raise InvalidInput(Problem(code="cli.file_unreadable", where="-", found="no such file"))
    try:
        return read_mapping(path.read_bytes())
    except OSError as error:
        found = error.strerror or str(error)
        problem = Problem(code="cli.file_unreadable", where=str(path), found=found)
        raise InvalidInput(problem) from error


def _reading(mapping: Mapping | None, sheet: str | None, encoding: str | None) -> Reading:
    known = Reading() if mapping is None else mapping.reading
    return msgspec.structs.replace(
        known, sheet=sheet or known.sheet, encoding=encoding or known.encoding
    )


class _Teller:
    """Shows on a terminal how far it is."""

    def __init__(self, bar: Progress, language: Language) -> None:
        self._bar = bar
        self._at = 1 if language == "zh" else 0
        self._tasks: dict[str, TaskID] = {}

    def tell(self, phase: str, done: int, total: int) -> None:
        """Move the bar of a phase."""
        if phase not in self._tasks:
            word = _PHASES[phase][self._at]
            self._tasks[phase] = self._bar.add_task(word, total=total or None, rate="")
        self._bar.update(self._tasks[phase], completed=done)


def _in_zone(mapping: Mapping, zone: str | None) -> Mapping:
    """Give a mapping with another zone, if one is given; what is none is said with the rest."""
    return msgspec.structs.replace(mapping, time_zone=zone) if zone else mapping


def _say_zone(mapping: Mapping, language: Language) -> None:
    if "time" in mapping.columns:
        hint(
            f"times without a zone are read in {mapping.time_zone}; --zone takes another",
            f"不带时区的时间按 {mapping.time_zone} 读取；可用 --zone 另行指定",
            language,
        )


def _show_proposal(
    folder: Path,
    found: Found,
    file: Path,
    reading: Reading,
    zone: str | None,
    language: Language,
) -> None:
    with SpooledRows(folder) as spooled:
        sample = [cells for _, cells in spooled.rows(found.header_row + 1, _SAMPLE_ROWS)]
    proposed = propose(
        found.columns,
        sample,
        titles=(file.name, found.sheet),
        time_zone=zone or machine_zone(),
        reading=reading,
    )
    say_json(proposed)
    _say_zone(proposed, language)
    hint(
        "a proposal; save it in a file, change what is wrong, and give it with --mapping",
        "以上为建议的映射；可存为文件，修改后用 --mapping 指定",
        language,
    )


def _show(
    folder: Path,
    found: Found,
    result: Result,
    *,
    as_json: bool,
    is_dry_run: bool,
    language: Language,
) -> None:
    if as_json:
        faults = [
            {"row": row} | fault.problem.as_dict(language) | {"column": fault.column}
            for row, some in FaultFile(folder).after(0, 10_000)
            for fault in some
        ]
        say_json(msgspec.to_builtins(result) | {"faults": faults})
        return
    for row, some in FaultFile(folder).after(0, _SHOWN_MAX):
        reasons = "; ".join(reason_of(fault, found.columns, language) for fault in some)
        say(f"row {row}: {reasons}", f"第 {row} 行：{reasons}", language)
    if (hidden := result.failed - _SHOWN_MAX) > 0:
        say(
            f"… and {count_of(hidden, 'more row')}; --failed writes them all",
            f"……另有 {hidden:,} 行，可用 --failed 全部写出",
            language,
        )
    made = result.events or result.elements
    would, can = ("would be ", "将") if is_dry_run else ("", "")
    new = made - result.known if is_dry_run else result.captured
    say(
        f"{count_of(result.rows, 'row')}: {new:,} {would}captured, {result.known:,} known before, "
        f"{result.failed:,} failed, in {result.seconds:.1f} s",
        f"共 {result.rows:,} 行：{can}入账 {new:,} 条，已有 {result.known:,} 条，"
        f"失败 {result.failed:,} 行，用时 {result.seconds:.1f} 秒",
        language,
    )
    if result.amounts_unknown:
        hint(
            f"{count_of(result.amounts_unknown, 'row')} without a quantity: how much of these "
            "lots it was stays unknown, in their stories and in their mass balances",
            f"{result.amounts_unknown:,} 行没有数量：这些批次的数量未知，经历与物料平衡中都将缺少",
            language,
        )


def _write_failed(
    folder: Path,
    found: Found,
    mapping: Mapping,
    result: Result,
    out: Path,
    language: Language,
) -> None:
    if out.suffix.lower() == ".xlsx":
        pieces = failed_as_xlsx(folder, found.columns, {}, language=language, sheet=found.sheet)
    else:
        pieces = failed_as_csv(
            folder,
            found.columns,
            {},
            language=language,
            delimiter=found.delimiter,
            decimal=mapping.decimal,
        )
    write_pieces(
        pieces,
        out,
        language,
        english=count_of(result.failed, "row"),
        chinese=f"{result.failed:,} 行",
    )
