"""Settings: from the environment (`SUYUAN_…`), else from `suyuan.toml`, else the default. 设置

The environment wins over the file. The file is `suyuan.toml` in the current folder, or
what `SUYUAN_CONFIG` names. Every key is listed in `docs/reference/settings.md`.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

from pydantic import Field, ValidationError
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from suyuan.errors import InvalidInput, Problem

__all__ = ["PROCESSES_MAX", "Settings", "load_settings", "processes_wanted"]

PROCESSES_MAX = 64
_PROCESSES_UNASKED = 4
_MEMORY_OF_ONE = 2 << 30


class Settings(BaseSettings):
    """Everything that can be set; the descriptions are the documentation."""

    model_config = SettingsConfigDict(env_prefix="SUYUAN_", extra="forbid")

    data: Annotated[Path, Field(description="Folder of the embedded database and of the keys.")] = (
        Path("data")
    )
    database_url: Annotated[
        str,
        Field(
            description="A PostgreSQL server (15 or newer) to use instead of the embedded one, "
            "as postgresql://user:password@host/database."
        ),
    ] = ""
    host: Annotated[str, Field(description="Address that the server listens on.")] = "127.0.0.1"
    port: Annotated[
        int, Field(ge=0, le=65535, description="Port that the server listens on; 0 picks one.")
    ] = 8000
    processes: Annotated[
        int,
        Field(
            ge=0,
            le=PROCESSES_MAX,
            description="Processes that answer requests; 0 is one for each core, at most 4 and at "
            "most one for each 2 GB of memory.",
        ),
    ] = 0
    tls: Annotated[
        bool, Field(description="Speak TLS, with certificates of an authority of our own.")
    ] = False
    tls_names: Annotated[
        str,
        Field(description="More names and addresses for the certificate, between commas."),
    ] = ""
    tls_certificate: Annotated[
        str, Field(description="File of a certificate chain to speak TLS with, in PEM.")
    ] = ""
    tls_key: Annotated[str, Field(description="File of the key of that certificate, in PEM.")] = ""
    tls_help_port: Annotated[
        int,
        Field(
            ge=0,
            le=65535,
            description="Port without TLS that shows how devices come to trust; 0 is none.",
        ),
    ] = 0
    base_url: Annotated[
        str,
        Field(description="Address under which people reach this server; part of plant keys."),
    ] = ""
    log_origin: Annotated[
        str,
        Field(description="Name of the transparency log, in its checkpoints and keys, for ever."),
    ] = ""
    log_format: Annotated[
        str, Field(pattern="^(console|json)$", description="console for people, json for machines.")
    ] = "console"
    log_level: Annotated[
        str, Field(pattern="^(debug|info|warning|error)$", description="Least severe line shown.")
    ] = "info"
    document_bytes_max: Annotated[
        int, Field(ge=1024, description="Largest document that may be captured by HTTP.")
    ] = 64 * 2**20
    capture_events_max: Annotated[
        int, Field(ge=1, description="Most events in one document captured by HTTP.")
    ] = 100_000
    event_bytes_max: Annotated[
        int, Field(ge=1024, description="Largest single event, in bytes of JSON.")
    ] = 16 * 2**20
    attachment_bytes_max: Annotated[
        int, Field(ge=1024, description="Largest picture that an event may point to.")
    ] = 8 * 2**20
    requests_per_minute: Annotated[
        int, Field(ge=0, description="Most requests a minute from one API key; 0 is no limit.")
    ] = 0
    page_size_max: Annotated[
        int, Field(ge=1, le=10_000, description="Most events on one page of a query's answer.")
    ] = 1_000
    page_token_lifetime_s: Annotated[
        int, Field(ge=1, description="How long a page token can be used.")
    ] = 3_600
    query_time_limit_s: Annotated[
        int, Field(ge=1, description="Longest time that one query may take in the database.")
    ] = 30
    import_bytes_max: Annotated[
        int, Field(ge=1024, description="Largest table that may be uploaded to be imported.")
    ] = 512 * 2**20
    import_days: Annotated[
        int, Field(ge=1, le=365, description="How many days uploaded tables are kept.")
    ] = 7
    checkpoint_period_s: Annotated[
        float,
        Field(gt=0, le=2, description="How often the transparency log is brought up to date."),
    ] = 0.5

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Say who wins: arguments, environment, file."""
        page = Path(os.environ.get("SUYUAN_CONFIG", "suyuan.toml"))
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls, page)


def load_settings(**given: object) -> Settings:
    """Read the settings; every wrong one is named at once.

    Raises InvalidInput `settings.value_wrong`, `settings.file_unreadable`.
    """
    try:
        return Settings(**{key: value for key, value in given.items() if value is not None})  # type: ignore[arg-type]
    except ValidationError as error:
        raise InvalidInput(
            [
                Problem(
                    code="settings.value_wrong",
                    where=".".join(str(part) for part in fault["loc"]),
                    expected=fault["msg"],
                    found=repr(fault["input"]),
                )
                for fault in error.errors()
            ]
        ) from error
    except (OSError, ValueError) as error:
        raise InvalidInput(
            Problem(
                code="settings.file_unreadable",
                where=os.environ.get("SUYUAN_CONFIG", "suyuan.toml"),
                found=str(error),
            )
        ) from error


def processes_wanted(settings: Settings) -> int:
    """Give how many processes are to answer: as set, or one a core as far as memory allows."""
    if settings.processes:
        return settings.processes
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    cores = len(os.sched_getaffinity(0))
    return max(1, min(cores, _PROCESSES_UNASKED, memory // _MEMORY_OF_ONE))
