"""`suyuan demo`: a dairy that never was, into the record or into a file. 演示工厂"""

from __future__ import annotations

import gzip
import io
import sys
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, BinaryIO

import msgspec
import typer

from suyuan.account import Actor, set_own_parties
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
from suyuan.demo import STORY_FILE, DairyPlant, StoryCode
from suyuan.errors import InvalidInput, Language, Problem, Refused
from suyuan.event import Event, read_json_stream
from suyuan.journal import Journal, capture_master_data
from suyuan.place_map import set_map
from suyuan.settings import load_settings

__all__ = ["demo_command", "load_demo"]

_CHUNK_EVENTS = 2_000
_MAP_FILE = "heron-creek.geojson"
_CHUNK_SPAN = timedelta(hours=6)


class _Told(msgspec.Struct):
    """The codes worth trying, and which demo they are of."""

    seed: int
    days: int
    start: datetime
    end: datetime
    codes: list[StoryCode]


_TargetOption = Annotated[
    Path | None,
    typer.Option(
        "-o",
        "--output",
        help="Write the events to a file instead: .json as one document, otherwise one a "
        "line; .gz packs it; - is standard output.",
        metavar="FILE",
        show_default=False,
    ),
]


def demo_command(
    events: Annotated[
        int | None,
        typer.Option(
            help="About how many events [about 33,000].", metavar="NUMBER", show_default=False
        ),
    ] = None,
    days: Annotated[
        int | None,
        typer.Option(help="How many days are told [30].", metavar="NUMBER", show_default=False),
    ] = None,
    seed: Annotated[
        int, typer.Option(help="The same seed tells the same story.", metavar="NUMBER")
    ] = 1,
    end: Annotated[
        str | None,
        typer.Option(
            help="Midnight after the last day, such as 2026-11-01 [today].",
            metavar="DATE",
            show_default=False,
        ),
    ] = None,
    target: _TargetOption = None,
    story: Annotated[
        bool,
        typer.Option(
            "--story", help="Only show the codes worth trying, of the demo in the record."
        ),
    ] = False,
    data: DataOption = None,
    tenant: TenantOption = "default",
    as_json: JsonOption = False,
    lang: LanguageOption = None,
) -> None:
    """Fill an empty record with the demo dairy, or write its events to a file."""
    language = language_of(lang)
    told = _told(data) if story and (days, events, end) == (None, None, None) else None
    if told is not None and told.seed == seed:
        _show_story(told, as_json=as_json, language=language)
        return
    plant = DairyPlant(seed=seed, days=days, events=events, end=_end(end))
    if story:
        _show_story(_story(plant), as_json=as_json, language=language)
    elif target is not None:
        _write(plant, target)
    else:
        with open_record(data, tenant) as record:
            if record.journal.position():
                raise Refused(Problem(code="cli.record_not_empty", where=str(record.settings.data)))
            load_demo(record, plant, language=language)
            record.update_log()
        _show_story(_story(plant), as_json=as_json, language=language)


def load_demo(record: Record, plant: DairyPlant | None = None, *, language: Language) -> None:
    """Live through the demo once, with the record's clock following; only if it is empty.

    Each event is recorded at the time at which it reached the plant's record, so that what
    was known when can be asked of the demo as of a real plant.
    """
    if record.journal.position():
        return
    plant = plant or DairyPlant(end=_end(None))
    clock = [plant.start]
    journal = Journal(record.database, record.tenant_id, now=lambda: clock[0])
    capture_master_data(
        record.database, record.tenant_id, plant.vocabularies(), record_time=plant.start
    )
    with progress_bar() as bar:
        title = "生成演示乳品厂" if language == "zh" else "the demo dairy comes to life"
        task = bar.add_task(title, total=plant.events_expected, rate="")
        for moment, events in _chunks(plant):
            clock[0] = moment
            result = journal.capture(events, proceed=True)
            assert not result.problems, result.problems[:3]
            bar.update(task, advance=len(events))
    actor = Actor(tenant_id=record.tenant_id, actor="command_line:demo", name="demo")
    set_own_parties(record.database, actor, [plant.own_party])
    content = msgspec.json.encode(plant.map())
    set_map(record.database, actor, content, file_name=_MAP_FILE)
    record.database.count_rows()  # The first questions come at once.
    page = record.settings.data / STORY_FILE
    page.write_bytes(msgspec.json.encode(_story(plant)))
    say(
        f"the demo dairy: {count_of(record.journal.position(), 'event')} over {plant.days} days",
        f"演示乳品厂：{plant.days} 天，{record.journal.position():,} 条事件",
        language,
    )


def _chunks(plant: DairyPlant) -> Iterator[tuple[datetime, list[Event]]]:
    """Give events that reached the record within some hours, with the end of those hours."""
    encode = msgspec.json.Encoder(decimal_format="number").encode
    lines: list[bytes] = []
    first = last = plant.start
    for moment, event in plant.iter_arrivals():
        if lines and (moment - first > _CHUNK_SPAN or len(lines) >= _CHUNK_EVENTS):
            yield last, _read(lines)
            lines = []
        if not lines:
            first = moment
        lines.append(encode(event))
        last = moment
    if lines:
        yield last, _read(lines)


def _read(lines: list[bytes]) -> list[Event]:
    events = []
    for item in read_json_stream(io.BytesIO(b"\n".join(lines))):
        assert isinstance(item, Event), item
        events.append(item)
    return events


def _end(text: str | None) -> datetime:
    if text is None:
        return datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise InvalidInput(
            Problem(code="cli.time_malformed", where="--end", expected="2026-11-01", found=text)
        ) from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _write(plant: DairyPlant, target: Path) -> None:
    name = target.name.removesuffix(".gz")
    is_document = name.endswith((".json", ".jsonld"))

    def lines(file: BinaryIO) -> object:
        for chunk in plant.iter_ndjson():
            file.write(chunk)
        return None

    write: Callable[[Any], object] = plant.write_document if is_document else lines
    try:
        opened = nullcontext(sys.stdout.buffer) if str(target) == "-" else target.open("wb")
        with opened as file:
            if target.suffix == ".gz":
                with gzip.GzipFile(fileobj=file, mode="wb", mtime=0, compresslevel=1) as packed:
                    write(packed)
            else:
                write(file)
    except BrokenPipeError:
        raise
    except OSError as error:
        raise InvalidInput(
            Problem(
                code="cli.file_unwritable", where=str(target), found=error.strerror or str(error)
            )
        ) from error


def _story(plant: DairyPlant) -> _Told:
    return _Told(plant.seed, plant.days, plant.start, plant.end, list(plant.story()))


def _told(data: Path | None) -> _Told | None:
    """Give the story that was left beside the record when the demo was loaded into it."""
    try:
        return msgspec.json.decode(
            (load_settings(data=data).data / STORY_FILE).read_bytes(), type=_Told
        )
    except (OSError, msgspec.DecodeError):
        return None


def _show_story(told: _Told, *, as_json: bool, language: Language) -> None:
    if as_json:
        say_json(told)
        return
    say("codes to try:", "可以试试这些编码：", language)
    for one in told.codes:
        title, sentence = (one.title_zh, one.zh) if language == "zh" else (one.title_en, one.en)
        output.print(f"  {one.scan}  {title}\n      {sentence}", markup=False)
