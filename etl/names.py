"""One form for the many spellings of a place's name, so that a ticket's place meets the table's.

Tickets say 南布社区 where the national table says 南布社区居民委员会, BUTANTÃ where the shapefile says BUTANTA.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_SPACE: Final = re.compile(r"\s+")
_PUNCTUATION: Final = re.compile(r"\s*([/&,.'’-])\s*")
_OFFICES: Final = {
    "社区居民委员会": "社区", "社区居委会": "社区", "社区工作站": "社区", "居民委员会": "社区", "居委会": "社区",
    "村民委员会": "村", "村委会": "村", "街道办事处": "街道", "办事处": "街道", "镇人民政府": "镇", "乡人民政府": "乡",
}  # fmt: skip
_OFFICE: Final = re.compile(rf"(?<=.)(?:{'|'.join(_OFFICES)})$")


def normal_name(name: str) -> str:
    """The comparable form of a place name: width, case, accents, spaces and official suffixes evened out.

    >>> normal_name("南布社区居民委员会") == normal_name(" 南布社区 ")
    True
    """
    text = unicodedata.normalize("NFKC", name).casefold()
    if not text.isascii():
        # accents of Latin letters come apart from them; Chinese has none to lose
        text = "".join(part for part in unicodedata.normalize("NFD", text) if not unicodedata.combining(part))
    text = _PUNCTUATION.sub(r"\1", _SPACE.sub(" ", text).strip()).replace("’", "'")
    text = re.sub(r"(?<=[一-鿿]) | (?=[一-鿿])", "", text)
    return _OFFICE.sub(lambda match: _OFFICES[match[0]], text)
