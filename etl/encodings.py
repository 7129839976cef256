"""Which encoding a text file is written in, found out by reading all of it once.

The order is deliberate. Strict UTF-8 goes first because almost nothing else passes it by accident. GB18030
accepts so many byte pairs that Western text can pass it too, so it also has to look like Chinese: most of its
characters must come from the first level of GB 2312 (3,755 characters ordered by use, lead bytes B0 to D7) or
its punctuation. Japanese is told in the same way, by kana and the first level of JIS. What is left is judged as
Western text, then by charset-normalizer.

A file in which a few characters were cut in half (fields trimmed by bytes are common in exports) keeps its
encoding; the halves become U+FFFD and are counted, never hidden.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass

from charset_normalizer import from_bytes

from data.errors import FileError
from etl.archives import CHUNK, Source
from etl.fileoptions import MEGABYTE

SAMPLE = 256 * 1024
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Names that stand for a subset of what the files really hold.
_WIDER = {
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "ascii": "utf-8",
    "utf_8_sig": "utf-8",
    "utf-8-sig": "utf-8",
    "shift_jis": "cp932",
}
_OTHERS = ["cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1257", "big5", "euc_kr", "euc_jp", "koi8_r"]
_WESTERN = frozenset("áàâãäåæçéèêëíìîïñóòôõöøœúùûüýÿßšžÁÀÂÃÄÅÆÇÉÈÊËÍÌÎÏÑÓÒÔÕÖØŒÚÙÛÜÝŠŽºª°§€£¢–—‘’“”„…«»·•´®©²½¼¿¡\xa0×")
_WITH_HIGH_BYTES = re.compile(rb"[^\r\n]*[\x80-\xff][^\r\n]*")


@dataclass(frozen=True)
class Survey:
    """What one pass over a text showed: its encoding, unpacked size in bytes, and characters that are damaged."""

    encoding: str
    size: int
    damaged: int = 0


def survey(source: Source, declared: str | None = None, *, lines: bool = True) -> Survey:
    """Read all of source once and find its encoding.

    declared: the encoding a mapping names; it is checked, not guessed. lines: the content is made of lines, so
    one that passes `limits.line_bytes` is an error (a JSON array may well be a single line).
    Raises FileError for NUL bytes, an endless line, an unknown or wrong encoding.
    """
    head = source.head(4096)
    wide = _wide_encoding(head) if declared is None else _declared(declared)
    if wide.startswith(("utf-16", "utf-32")):
        return _survey_as(source, wide, lines, declared is not None)
    size, utf8, sample = _scan(source, lines)
    if wide:
        return (
            Survey("utf-8", size) if wide == "utf-8" and utf8 else _survey_as(source, wide, lines, declared is not None)
        )
    if utf8:
        return Survey("utf-8", size)
    return _survey_as(source, judge(sample, source.where), lines, False)


def decoded(source: Source, found: Survey) -> Iterator[tuple[str, int]]:
    """The text of source in pieces, with the number of bytes read so far; a byte order mark is left out."""
    decoder = _decoder(found.encoding, "replace" if found.damaged else "strict")
    with source.open() as stream:
        while data := stream.read(CHUNK):
            if text := decoder.decode(data):
                yield text, stream.count
        if text := decoder.decode(b"", final=True):
            yield text, stream.count


def _decoder(encoding: str, errors: str) -> codecs.IncrementalDecoder:
    return codecs.getincrementaldecoder("utf-8-sig" if encoding == "utf-8" else encoding)(errors)


def _declared(name: str) -> str:
    try:
        known = codecs.lookup(name.strip()).name
    except LookupError:
        raise FileError(
            f"there is no encoding {name!r}",
            where="[file] encoding",
            todo="Name one such as utf-8, gb18030, cp1252 or utf-16, or leave it out.",
        ) from None
    return _WIDER.get(known, known)


def _wide_encoding(head: bytes) -> str:
    """The encoding a byte order mark or the pattern of zero bytes shows, else ""."""
    for mark, name in _BOMS:
        if head.startswith(mark):
            return name
    if head.count(0) < 4:
        return ""
    pairs = len(head) // 2
    zeros_first, zeros_second = head[0 : pairs * 2 : 2].count(0), head[1 : pairs * 2 : 2].count(0)
    if zeros_second > 0.2 * pairs and zeros_first <= 0.01 * pairs:
        return "utf-16-le"
    if zeros_first > 0.2 * pairs and zeros_second <= 0.01 * pairs:
        return "utf-16-be"
    return ""


def _scan(source: Source, lines: bool) -> tuple[int, bool, bytes]:
    """Size, whether all of it is UTF-8, and a sample of lines with bytes beyond ASCII."""
    decoder, utf8, pending = _decoder("utf-8", "strict"), True, False
    sample: list[bytes] = []
    sampled = run = 0
    with source.open() as stream:
        while data := stream.read(CHUNK):
            if b"\x00" in data:
                raise _binary(source, stream.count - len(data) + data.index(0))
            if lines:
                run = _check_line(data, run, source)
            ascii_only = data.isascii()
            if utf8 and (pending or not ascii_only):
                try:
                    decoder.decode(data)
                    pending = bool(decoder.getstate()[0])
                except UnicodeDecodeError:
                    utf8 = False
            if not ascii_only and sampled < SAMPLE:
                for found in _WITH_HIGH_BYTES.findall(data):
                    sample.append(found)
                    sampled += len(found)
                    if sampled >= SAMPLE:
                        break
        size = stream.count
    return size, utf8 and not pending, b"\n".join(sample)


def _check_line(data: bytes, run: int, source: Source) -> int:
    """Bytes since the last line end; raises FileError when a line passes the limit.

    Only the piece that crosses into this chunk can be too long, since a chunk is shorter than the limit.
    """
    ends = [place for place in (data.find(b"\n"), data.find(b"\r")) if place >= 0]
    limit = source.limits.line_bytes
    if run + (min(ends) if ends else len(data)) > limit:
        raise FileError(
            f"a line is longer than {limit / MEGABYTE:g} MB: there is no line end where one must be",
            where=source.where,
            todo="This is not a table with one row a line; export it again as CSV.",
        )
    return run + len(data) if not ends else len(data) - max(data.rfind(b"\n"), data.rfind(b"\r")) - 1


def _binary(source: Source, offset: int) -> FileError:
    return FileError(
        f"there is a NUL byte at byte {offset:,}: this is not a text file, or it is damaged",
        where=source.where,
        todo="Export it again as CSV in UTF-8.",
    )


def _survey_as(source: Source, encoding: str, lines: bool, declared: bool) -> Survey:
    """Check that all of source decodes; a few damaged characters are counted, many are an error."""
    decoder = _decoder(encoding, "replace")
    damaged = beyond_ascii = run = 0
    with source.open() as stream:
        data = b"-"
        while data:
            data = stream.read(CHUNK)
            text = decoder.decode(data, final=not data)
            if "\x00" in text:
                raise _binary(source, stream.count - len(data))
            if lines:
                run = _check_line(text.encode("utf-8", "replace"), run, source)
            if not text.isascii():
                damaged += text.count("\ufffd")
                beyond_ascii += len(text) - len(text.encode("ascii", "ignore"))
        size = stream.count
    if damaged > max(3, 0.02 * beyond_ascii):
        hint = "Name the right one" if declared else "Name it"
        raise FileError(
            f"the text is not {encoding}: {damaged:,} of {beyond_ascii:,} characters beyond ASCII cannot be decoded",
            where=source.where,
            todo=f"{hint} in [file] encoding, or save the file as UTF-8.",
        )
    return Survey(encoding, size, damaged)


def judge(sample: bytes, where: str) -> str:
    """The encoding of lines that are not strict UTF-8."""
    text = sample.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    if broken <= 0.02 * (len(text) - len(text.encode("ascii", "ignore"))):
        return "utf-8"
    if _looks_chinese(sample):
        return "gb18030"
    if _looks_japanese(sample):
        return "cp932"
    if _looks_western(sample):
        return "cp1252"
    best = from_bytes(sample, cp_isolation=_OTHERS).best()
    if best is None:
        raise FileError(
            "the encoding cannot be told from the text",
            where=where,
            todo="Name it in [file] encoding (for example gb18030 or cp1252), or save the file as UTF-8.",
        )
    return best.encoding


def _looks_chinese(sample: bytes) -> bool:
    """Whether the bytes read as GB18030 and most characters are common ones.

    Korean in EUC-KR uses the same bytes but only the lead bytes up to C8, where Chinese has half of its text above.
    """
    text = sample.decode("gb18030", "replace")
    high = [character for character in text if character > "\x7f"]
    leads = [pair[0] for character in high if len(pair := character.encode("gb2312", "ignore")) == 2]
    first_level = [lead for lead in leads if 0xB0 <= lead <= 0xD7]
    common = len(first_level) + sum(0xA1 <= lead <= 0xA3 for lead in leads)
    late = sum(lead >= 0xC9 for lead in first_level)
    korean = len(first_level) >= 12 and late <= 0.05 * len(first_level)
    return bool(high) and common >= 0.7 * len(high) and text.count("\ufffd") <= 0.05 * len(high) and not korean


def _looks_japanese(sample: bytes) -> bool:
    """Whether the bytes read as cp932, the Shift JIS of Windows, and most characters are kana or common signs."""
    text = sample.decode("cp932", "replace")
    high = [character for character in text if character > "\x7f"]
    leads = [pair[0] for character in high if len(pair := character.encode("cp932", "ignore")) == 2]
    common = sum(0x81 <= lead <= 0x83 or 0x88 <= lead <= 0x97 for lead in leads)
    return bool(high) and common >= 0.8 * len(high) and text.count("\ufffd") <= 0.02 * len(high)


def _looks_western(sample: bytes) -> bool:
    """Whether the bytes read as cp1252 and its letters stand singly among plain ones, as in Western languages."""
    text = sample.decode("cp1252", "replace")
    high = [(index, character) for index, character in enumerate(text) if character > "\x7f"]
    usual = sum(character in _WESTERN for _, character in high)
    single = sum(not (text[index - 1 : index] > "\x7f" and text[index + 1 : index + 2] > "\x7f") for index, _ in high)
    inside = re.findall(r"(?<=[a-z])[¿³¹](?=[a-z])", text)  # letters of Central Europe read wrongly
    return bool(high) and usual >= 0.97 * len(high) and single >= 0.9 * len(high) and not inside
