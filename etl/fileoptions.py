"""How a source file is to be opened: the [file] part of a mapping, and the limits a reader keeps."""

from __future__ import annotations

from dataclasses import dataclass, field

from pydantic import BaseModel, ConfigDict, Field, field_validator

NULL_MARKERS = ["", "-", "NULL", "null", "N/A", "NA", "None", "\\N"]
MEGABYTE = 1024 * 1024


class FileOptions(BaseModel):
    """What a mapping may say about the file itself; anything not said is found out by looking.

    Null markers are part of the file's description but are applied when values are normalised:
    a reader hands on what is written, so that a quarantined row shows what the source said.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None
    layer: str | None = None
    records: str | None = None
    header_row: int = Field(default=1, ge=1)
    null: list[str] = Field(default_factory=lambda: list(NULL_MARKERS))

    @field_validator("delimiter")
    @classmethod
    def _one_character(cls, value: str | None) -> str | None:
        """Accept the spelled-out tab, since a bare tab is hard to see in a TOML file."""
        if value in ("\\t", "tab"):
            return "\t"
        if value is not None and len(value) != 1:
            raise ValueError("a delimiter is a single character")
        return value


@dataclass(frozen=True)
class Limits:
    """What a reader may use up before it gives up on a file.

    `unpacked_bytes` is counted while unpacking; `line_bytes` bounds one physical line, so a file
    without line ends cannot fill the memory; Parquet is only read for a caller who asks for it.
    """

    unpacked_bytes: int = field(default=4096 * MEGABYTE)
    line_bytes: int = field(default=4 * MEGABYTE)
    allow_parquet: bool = False
