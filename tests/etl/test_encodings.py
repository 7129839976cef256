from pathlib import Path

import pytest

from data.errors import FileError
from etl.archives import Source
from etl.encodings import Survey, decoded, survey

CHINESE = "编号,街道,内容\n1,龙田街道,路灯不亮，请派人维修\n2,坪山街道,占道经营\n"
PORTUGUESE = "Serviço;Situação\nIluminação;Não concluído\nÁrvore;São Paulo\n"
POLISH = "ulica;treść\nŁódź;zażółć gęślą jaźń\nKraków;śmieci\n"
RUSSIAN = "улица;статус\nЛенина;закрыто\nМира;открыто обращение\n"
TRADITIONAL = "編號,地區\n1,香港島中西區\n2,路燈不亮請派人維修\n"
JAPANESE = "番号,地区\n1,東京都港区の街灯が消えています\n"
KOREAN = "번호,지역\n1,서울특별시 가로등 고장 신고 접수 처리 완료\n"


def source(folder: Path, content: bytes) -> Source:
    path = folder / "t.csv"
    path.write_bytes(content)
    return Source(path)


@pytest.mark.parametrize(
    ("text", "written", "found"),
    [
        (CHINESE, "utf-8", "utf-8"),
        (CHINESE, "utf-8-sig", "utf-8"),
        (CHINESE, "gb18030", "gb18030"),
        (CHINESE, "gbk", "gb18030"),
        (CHINESE, "utf-16", "utf-16"),
        (CHINESE, "utf-16-le", "utf-16-le"),
        (CHINESE, "utf-16-be", "utf-16-be"),
        (PORTUGUESE, "latin-1", "cp1252"),
        ("Straße;Größe\nMüllerstraße;groß\n", "cp1252", "cp1252"),
        ("Id,Nom\n1,café\n", "latin-1", "cp1252"),
        (POLISH, "cp1250", "cp1250"),
        (RUSSIAN, "cp1251", "cp1251"),
        (TRADITIONAL, "big5", "big5"),
        (JAPANESE, "shift_jis", "cp932"),
        (JAPANESE + "2,横浜市①～③番\n", "cp932", "cp932"),
        ("番号,地区,道路\n1,港区,公園\n", "cp932", "cp932"),
        (KOREAN, "euc_kr", "euc_kr"),
        ("a,b\n1,2\n", "ascii", "utf-8"),
    ],
)
def test_encoding_is_found_and_the_text_comes_back(tmp_path: Path, text: str, written: str, found: str) -> None:
    at = source(tmp_path, text.encode(written))
    seen = survey(at)
    assert (seen.encoding, seen.damaged, seen.size) == (found, 0, len(text.encode(written)))
    assert "".join(piece for piece, _ in decoded(at, seen)) == text


def test_a_late_accent_counts_as_much_as_an_early_one(tmp_path: Path) -> None:
    at = source(tmp_path, b"id,note\n" + b"1,plain words here\n" * 100_000 + "2,São Paulo\n".encode("cp1252"))
    assert survey(at).encoding == "cp1252"


def test_a_character_cut_in_half_does_not_change_the_encoding(tmp_path: Path) -> None:
    assert survey(source(tmp_path, (CHINESE * 20).encode() + b"3,\xe8\xb7\n")).damaged == 1
    assert survey(source(tmp_path, (CHINESE * 20).encode("gbk") + b"3,\xc2\n")).encoding == "gb18030"


def test_a_character_across_two_pieces_is_whole(tmp_path: Path) -> None:
    text = "x" + "路" * 800_000 + "\n"
    at = source(tmp_path, text.encode())
    assert survey(at) == Survey("utf-8", len(text.encode()), 0)
    assert "".join(piece for piece, _ in decoded(at, survey(at))) == text


def test_declared_encoding_is_checked(tmp_path: Path) -> None:
    assert survey(source(tmp_path, CHINESE.encode("gbk")), "gb2312").encoding == "gb18030"
    with pytest.raises(FileError, match=r"^t\.csv: the text is not utf-8: \d+ of \d+ characters beyond ASCII cannot"):
        survey(source(tmp_path, CHINESE.encode("gbk")), "utf-8")


def test_unknown_encoding_is_refused() -> None:
    with pytest.raises(FileError, match=r"^\[file\] encoding: there is no encoding 'utf-9'"):
        survey(Source(Path(__file__)), "utf-9")


def test_nul_bytes_are_told_from_utf16(tmp_path: Path) -> None:
    with pytest.raises(FileError, match=r"^t\.csv: there is a NUL byte at byte 8: this is not a text file, or it is"):
        survey(source(tmp_path, b"a,b\n1,2\n\x00\x00\x00\x00\n" + b"1,2\n" * 50))
    with pytest.raises(FileError, match="there is a NUL byte at byte 0"):
        survey(source(tmp_path, bytes(range(16)) * 100))


def test_one_line_is_no_fault_where_lines_do_not_matter(tmp_path: Path) -> None:
    at = source(tmp_path, b"[" + b" " * 6_000_000 + b"]")
    assert survey(at, lines=False).size == 6_000_002
    with pytest.raises(FileError, match="a line is longer than 4 MB"):
        survey(at)
