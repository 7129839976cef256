import gzip
import io
import zipfile
from pathlib import Path

import pytest

from data.errors import FileError
from etl.archives import Source, check_file, magic, members
from etl.readers import Limits, open_tickets
from tests.etl.reading import refused, rows, write

SMALL = Limits(unpacked_bytes=1 << 20)


def packed(folder: Path, content: dict[str, bytes], name: str = "t.zip") -> Path:
    with zipfile.ZipFile(folder / name, "w", zipfile.ZIP_DEFLATED) as archive:
        for member, data in content.items():
            archive.writestr(member, data)
    return folder / name


def test_gzip_is_read_whatever_its_name(tmp_path: Path) -> None:
    for name in ("t.csv.gz", "t.csv"):
        assert rows(open_tickets(write(tmp_path, gzip.compress(b"a,b\n1,2\n"), name))) == [["1", "2"]]


def test_joined_gzip_files_are_read_to_the_end(tmp_path: Path) -> None:
    path = write(tmp_path, gzip.compress(b"a,b\n1,2\n") + gzip.compress(b"3,4\n"), "t.csv.gz")
    assert rows(open_tickets(path)) == [["1", "2"], ["3", "4"]]


def test_a_gzip_cut_off_is_refused_before_any_row(tmp_path: Path) -> None:
    data = gzip.compress(b"a,b\n" + b"1,2\n" * 10_000)
    where, what = refused(write(tmp_path, data[:-20], "t.csv.gz"))
    assert where == "t.csv.gz"
    assert what.startswith("the packed file is cut off after ")


def test_a_gzip_with_a_wrong_checksum_is_refused(tmp_path: Path) -> None:
    data = bytearray(gzip.compress(b"a,b\n1,2\n"))
    data[-8] ^= 1
    assert refused(write(tmp_path, bytes(data), "t.csv.gz"))[1].startswith("the packed file cannot be unpacked (CRC")


def test_a_gzip_bomb_is_stopped_at_the_limit(tmp_path: Path) -> None:
    path = write(tmp_path, gzip.compress(b"a,b\n" + b"1,2\n" * 1_000_000), "t.csv.gz")
    assert refused(path, limits=SMALL) == ("t.csv.gz", "the file unpacks to more than 1 MB")


def test_a_zip_with_one_table_is_read(tmp_path: Path) -> None:
    path = packed(tmp_path, {"a/t.csv": b"a,b\n1,2\n", "__MACOSX/a/._t.csv": b"\x00", "a/.DS_Store": b"\x00"})
    assert rows(open_tickets(path)) == [["1", "2"]]


def test_a_zip_bomb_is_stopped_at_the_limit(tmp_path: Path) -> None:
    path = packed(tmp_path, {"t.csv": b"a,b\n" + b"1,2\n" * 1_000_000})
    assert refused(path, limits=SMALL) == ("t.zip › t.csv", "the file unpacks to more than 1 MB")


def test_what_a_zip_says_of_its_size_is_not_believed(tmp_path: Path) -> None:
    path = packed(tmp_path, {"t.csv": b"a,b\n" + b"1,2\n" * 1_000_000})
    real = (4_000_004).to_bytes(4, "little")
    path.write_bytes(path.read_bytes().replace(real, (100).to_bytes(4, "little")))
    with pytest.raises(FileError):
        list(open_tickets(path, limits=SMALL))


def test_a_zip_with_several_tables_is_a_question(tmp_path: Path) -> None:
    path = packed(tmp_path, {"june.csv": b"a\n1\n", "july.csv": b"a\n1\n"})
    assert refused(path) == ("t.zip", "the zip holds 2 tables where one is expected: july.csv, june.csv")


def test_a_zip_without_a_table_is_refused(tmp_path: Path) -> None:
    assert refused(packed(tmp_path, {"photo.jpg": b"x"})) == ("t.zip", "the zip holds no table: photo.jpg")


@pytest.mark.parametrize("name", ["../t.csv", "/etc/t.csv", "a/../../t.csv", "C:/t.csv"])
def test_a_member_that_leaves_its_folder_is_refused(tmp_path: Path, name: str) -> None:
    path = packed(tmp_path, {name: b"a,b\n1,2\n"})
    assert refused(path) == ("t.zip", f"the zip holds a file name that leaves its folder: {name!r}")


def test_a_zip_with_a_password_is_refused(tmp_path: Path) -> None:
    path = packed(tmp_path, {"t.csv": b"a,b\n1,2\n"})
    data = bytearray(path.read_bytes())
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(bytes(data))
    assert refused(path) == ("t.zip", "'t.csv' in the zip is locked with a password")


def test_a_damaged_zip_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path, b"PK\x03\x04" + b"x" * 100, "t.zip")
    assert refused(path) == ("t.zip", "the zip is damaged (File is not a zip file)")


def test_what_is_packed_twice_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path, gzip.compress(gzip.compress(b"a,b\n1,2\n")), "t.csv.gz")
    assert refused(path) == ("t.csv.gz", "the file is packed twice")


@pytest.mark.parametrize(
    ("start", "name"), [(b"7z\xbc\xaf\x27\x1c", "7-Zip"), (b"Rar!\x1a", "RAR"), (b"BZh9", "bzip2")]
)
def test_other_packings_are_named(tmp_path: Path, start: bytes, name: str) -> None:
    assert refused(write(tmp_path, start + b"x")) == ("t.csv", f"the file is packed with {name}, which is not read")


def test_missing_folder_and_empty_files_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="there is no such file"):
        check_file(tmp_path / "none.csv")
    with pytest.raises(FileError, match="this is not a file"):
        check_file(tmp_path)
    assert refused(write(tmp_path, "")) == ("t.csv", "the file is empty")
    assert refused(write(tmp_path, gzip.compress(b""), "t.csv.gz")) == ("t.csv.gz", "the file is empty")


def test_members_of_a_harmless_zip_are_listed(tmp_path: Path) -> None:
    path = packed(tmp_path, {"a/b.shp": b"1", "a/b.dbf": b"2"})
    assert [info.filename for info in members(path)] == ["a/b.shp", "a/b.dbf"]


def test_content_is_known_by_its_first_bytes() -> None:
    workbook = io.BytesIO()
    zipfile.ZipFile(workbook, "w").close()
    assert magic(workbook.getvalue()) == "zip"
    assert magic(b"\xef\xbb\xbf\n <OGRVRTDataSource>") == "vrt"
    assert magic(b"<!DOCTYPE html>") == "html"
    assert magic("<html>".encode("utf-16")) == "html"
    assert magic(b"<?xml version='1.0'?><kml/>") == "xml"
    assert magic(b"a,b\n") == ""


def test_names_of_packed_content_keep_their_suffix() -> None:
    assert Source(Path("x/t.csv.gz"), "gzip").suffix == ".csv"
    assert Source(Path("x/t.zip"), "zip", "a/T.JSON").suffix == ".json"
