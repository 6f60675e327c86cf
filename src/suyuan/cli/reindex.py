"""`suyuan reindex`: the index of the journal made anew from its events. 重建索引"""

from __future__ import annotations

from suyuan.cli._terminal import (
    DataOption,
    JsonOption,
    LanguageOption,
    TenantOption,
    count_of,
    language_of,
    open_record,
    progress_bar,
    say,
    say_json,
)
from suyuan.journal import reindex_journal

__all__ = ["reindex_command"]


def reindex_command(
    data: DataOption = None,
    tenant: TenantOption = "default",
    as_json: JsonOption = False,
    lang: LanguageOption = None,
) -> None:
    """Make the index of the journal anew from its events, after an upgrade or damage.

    All or nothing: captures wait meanwhile, and when it is cut off everything is as before.
    `suyuan verify` proves that it came out right. A server that is running sees it when it is
    started again.
    """
    from suyuan.trace import forget_index

    language = language_of(lang)
    with (
        open_record(data, tenant, must_exist=True) as record,
        progress_bar(hidden=as_json) as bar,
    ):
        task = bar.add_task("重建索引" if language == "zh" else "reindex", total=None, rate="")
        done = reindex_journal(
            record.database,
            record.tenant_id,
            progress=lambda read, total: bar.update(task, completed=read, total=total),
        )
        forget_index(record.settings.data, record.tenant_id)
    if as_json:
        say_json(done)
        return
    say(
        f"{count_of(done.events, 'event')} read, {count_of(done.objects, 'object')} new, "
        f"{count_of(done.classes, 'class', 'classes')} found",
        f"已读取 {done.events:,} 条事件，新增 {done.objects:,} 个对象，"
        f"补全 {done.classes:,} 个类别",
        language,
    )
