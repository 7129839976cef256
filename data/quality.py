"""What is suspicious about a row that was taken all the same. One bit each in `cases.flags`."""

from __future__ import annotations

from enum import IntFlag


class Quality(IntFlag):
    """Bits of `cases.flags`; the member's name in lower case is its name in reports and filters."""

    CLOSED_BEFORE_OPENED = 1
    DUE_BEFORE_OPENED = 2
    FAR_DUE = 4  # due more than ten years after the report
    PLACEHOLDER_DATE = 8  # a date in 1901 or earlier, taken as missing
    DEFAULT_POINT = 16  # one point shared by very many rows; not used as a location
    ZERO_POINT = 32  # 0,0
    OUTSIDE = 64  # in no polygon of the district
    SWAPPED = 128  # latitude and longitude exchanged, put right
    UNKNOWN_PLACE = 256  # names a place the district does not have
    CLOSED_WITHOUT_TIME = 512
    OPEN_WITH_CLOSE_TIME = 1024  # the status says open beside a closing time
    FUTURE_REPORT = 2048  # reported after the moment of import
    BAD_POINT = 4096  # coordinates that are no numbers or off the globe
    MASKED_TEXT = 8192  # a phone or identity number was masked
    REDRAWN_PLACE = 16384  # located only to a community that has been split or merged since

    @property
    def label(self) -> str:
        """The name used in reports and filters."""
        return (self.name or "").lower()


# Coordinates that are no location.
NO_POINT = int(Quality.DEFAULT_POINT | Quality.ZERO_POINT | Quality.BAD_POINT)


def flags_of(bits: int) -> list[str]:
    """The labels of the bits that are set, in order of the bits."""
    return [flag.label for flag in Quality if bits & flag]
