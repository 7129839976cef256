import csv
import io
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from etl.readers import BadRow, FileOptions, Limits, open_tickets, sniff
from tests.etl.reading import bad, numbers, refused, rows, write


def test_columns_and_rows_come_out_as_text_with_none_for_empty_cells(tmp_path: Path) -> None:
    file = open_tickets(write(tmp_path, "id,n,note\n007,1.50,\n8,,x\n"))
    assert file.columns == ["id", "n", "note"]
    assert rows(file) == [["007", "1.50", None], ["8", None, "x"]]
    assert (file.kind, file.encoding, file.delimiter) == ("csv", "utf-8", ",")


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|", "；"])
def test_delimiter_is_found(tmp_path: Path, delimiter: str) -> None:
    file = open_tickets(write(tmp_path, f"编号{delimiter}街道\n1{delimiter}龙田\n"))
    assert file.delimiter == delimiter
    assert rows(file) == [["1", "龙田"]]


def test_decimal_commas_do_not_pass_for_delimiters(tmp_path: Path) -> None:
    file = open_tickets(write(tmp_path, "id;lat;lon\n1;42,5;-71,2\n2;42,6;-71,3\n"))
    assert rows(file) == [["1", "42,5", "-71,2"], ["2", "42,6", "-71,3"]]


def test_full_width_semicolons_in_gb18030(tmp_path: Path) -> None:
    file = open_tickets(write(tmp_path, "编号；内容\n1；路灯，不亮\n".encode("gb18030")))
    assert (file.encoding, rows(file)) == ("gb18030", [["1", "路灯，不亮"]])


def test_quoted_cells_may_hold_delimiters_quotes_and_line_ends(tmp_path: Path) -> None:
    file = open_tickets(write(tmp_path, 'id,note\r\n1,"a, ""b""\r\nc"\r\n2,x\r\n'))
    assert rows(file) == [["1", 'a, "b"\r\nc'], ["2", "x"]]


def test_backslashes_before_quotes_are_understood(tmp_path: Path) -> None:
    assert rows(open_tickets(write(tmp_path, 'id,note\n1,"a \\"b\\", c"\n2,x\n'))) == [["1", 'a "b", c'], ["2", "x"]]


def test_an_inch_mark_inside_a_cell_is_no_quote(tmp_path: Path) -> None:
    assert rows(open_tickets(write(tmp_path, 'id,note\n1,5" pipe\n2,x\n'))) == [["1", '5" pipe'], ["2", "x"]]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_kind_of_line_end(tmp_path: Path, end: str) -> None:
    assert rows(open_tickets(write(tmp_path, end.join(["a,b", "1,2", "3,4", ""])))) == [["1", "2"], ["3", "4"]]


def test_byte_order_mark_and_blank_lines_around_the_table(tmp_path: Path) -> None:
    file = open_tickets(write(tmp_path, "\ufeff\r\n\r\na,b\r\n1,2\r\n\r\n,\r\n3,4\r\n,\r\n,\r\n\r\n"))
    assert file.columns == ["a", "b"]
    assert rows(file) == [["1", "2"], ["3", "4"]]
    assert numbers(file) == [1, 3]


def test_excels_separator_line_is_obeyed(tmp_path: Path) -> None:
    file = open_tickets(write(tmp_path, "sep=;\na,b;c\n1,2;3\n"))
    assert (file.columns, rows(file)) == (["a,b", "c"], [["1,2", "3"]])


def test_header_names_are_stripped_filled_and_made_unique(tmp_path: Path) -> None:
    file = open_tickets(write(tmp_path, " id ,id,,Due  Date,id_2\n1,2,3,4,5\n"))
    assert file.columns == ["id", "id_3", "column_3", "Due Date", "id_2"]


def test_a_delimiter_at_the_end_of_every_row_makes_one_more_column(tmp_path: Path) -> None:
    file = open_tickets(write(tmp_path, "a,b\n1,2,\n3,4,\n"))
    assert (file.columns, rows(file)) == (["a", "b", "column_3"], [["1", "2", None], ["3", "4", None]])


def test_ragged_rows_are_set_aside_with_their_numbers_and_the_rest_is_read(tmp_path: Path) -> None:
    file = open_tickets(write(tmp_path, 'a,b\n1,2\n3\n"4\n4",5\n6,7,8\n9,10\n'))
    assert rows(file) == [["1", "2"], ["4\n4", "5"], ["9", "10"]]
    assert numbers(file) == [1, 3, 5]
    assert bad(file) == [
        BadRow(2, "3", "1 cells where the header has 2"),
        BadRow(4, "6,7,8", "3 cells where the header has 2"),
    ]


def test_row_numbers_stay_exact_over_blocks_and_batches(tmp_path: Path) -> None:
    lines = [f"{row}" if row % 1000 == 7 else f"{row},x{row}" for row in range(1, 200_001)]
    path = write(tmp_path, "n,x\n" + "\n".join(lines))
    file = open_tickets(path, limits=Limits(line_bytes=1 << 20), batch_rows=30_000)
    batches = list(file)
    assert [batch.first_row for batch in batches] == sorted({batch.first_row for batch in batches})
    for batch in batches:
        assert batch.table["n"].to_pylist() == [str(number) for number in batch.row_numbers.to_pylist()]
    assert [row.row for row in bad(file)] == list(range(7, 200_001, 1000))
    assert sum(batch.table.num_rows for batch in batches) == 199_800
    assert max(batch.table.num_rows for batch in batches) == 30_000
    assert file.position() == file.total_bytes == path.stat().st_size


def test_a_title_above_the_names_is_skipped_by_header_row(tmp_path: Path) -> None:
    path = write(tmp_path, "Tickets of July\n\na,b\n1,2\n3,4\n")
    for row in (2, 3):  # a blank row means the next that is not
        assert rows(open_tickets(path, FileOptions(header_row=row))) == [["1", "2"], ["3", "4"]]
    assert refused(path) == ("t.csv", "row 1 has 1 cells but the rows below have 2")


def test_header_only_is_refused(tmp_path: Path) -> None:
    assert refused(write(tmp_path, "a,b,c\n\n")) == ("t.csv", "there is a header but no row below it")


def test_nothing_but_blank_lines_is_refused(tmp_path: Path) -> None:
    assert refused(write(tmp_path, "\n\n\n")) == ("t.csv", "there is no header row")


def test_header_row_beyond_the_file_is_refused(tmp_path: Path) -> None:
    assert refused(write(tmp_path, "a,b\n1,2\n"), FileOptions(header_row=9)) == (
        "t.csv",
        "there is no header row at row 9",
    )


def test_wrong_delimiter_is_refused_with_the_right_one(tmp_path: Path) -> None:
    path = write(tmp_path, "a;b;c\n1;2;3\n")
    assert refused(path, FileOptions(delimiter=",")) == (
        "t.csv",
        "with a comma as delimiter the header is one column; with a semicolon it is 3",
    )


def test_a_quote_that_is_never_closed_sets_its_row_aside(tmp_path: Path) -> None:
    file = open_tickets(write(tmp_path, 'a,b,c\n1,"x,3\n2,y,4\n3,"z",5\n4,5,6\n'))
    assert rows(file) == [["4", "5", "6"]]
    assert bad(file) == [BadRow(1, '1,x,3\n2,y,4\n3,z",5', "a quote is not closed and took in 1 more rows")]


def test_lines_with_commas_inside_a_well_quoted_cell_are_no_swallowed_rows(tmp_path: Path) -> None:
    note = "first, second\nthird, fourth\nfifth, sixth"
    file = open_tickets(write(tmp_path, f'id,note\n1,"{note}"\n2,x\n'))
    assert (rows(file), bad(file)) == ([["1", note], ["2", "x"]], [])


@given(
    st.lists(
        st.lists(st.text(st.sampled_from('ab1 ,;"\n路\t|'), max_size=12), min_size=3, max_size=3),
        min_size=1,
        max_size=20,
    )
)
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_a_csv_writer_writes_is_read_back(tmp_path: Path, table: list[list[str]]) -> None:
    text = io.StringIO()
    csv.writer(text, quoting=csv.QUOTE_ALL).writerows([["a", "b", "c"], *table, ["x", "y", "z"]])
    file = open_tickets(write(tmp_path, text.getvalue()), FileOptions(delimiter=","))
    assert rows(file) == [[cell or None for cell in row] for row in [*table, ["x", "y", "z"]] if any(row)]
    assert bad(file) == []


def test_a_quote_that_swallows_many_rows_is_an_error_with_its_row(tmp_path: Path) -> None:
    path = write(tmp_path, "a,b\n0,0\n" + '1,"x\n' + "2,y\n" * 50)
    assert refused(path) == ("t.csv, row 2", "a quote is not closed and swallows 50 rows")


def test_a_quote_that_swallows_a_ragged_tail_is_an_error_with_its_row(tmp_path: Path) -> None:
    path = write(tmp_path, "a,b,c\n" + '0,"0",0\n' * 300 + '1,"x\n' + "2,y,z\n" * 50)
    assert refused(path) == ("t.csv, row 301", "a quote is not closed and swallows 50 lines")


def test_a_quote_that_swallows_more_than_a_block_is_an_error(tmp_path: Path) -> None:
    path = write(tmp_path, "a,b\n" + "0,0\n" * 400 + '1,"x\n' + "2,some text to fill the block\n" * 100_000)
    where, what = refused(path, limits=Limits(line_bytes=1 << 20))
    assert where.startswith("t.csv, after row ")
    assert what == "a quote is not closed within 1 MB"


def test_one_endless_line_is_refused_without_reading_it_all(tmp_path: Path) -> None:
    path = write(tmp_path, b"a,b\n" + b"x" * 3_000_000)
    assert refused(path, limits=Limits(line_bytes=1 << 20)) == (
        "t.csv",
        "a line is longer than 1 MB: there is no line end where one must be",
    )


def test_batches_can_be_read_again(tmp_path: Path) -> None:
    file = open_tickets(write(tmp_path, "a,b\n1,2\n"))
    assert rows(file) == rows(file) == [["1", "2"]]


def test_damaged_characters_are_counted_in_a_warning(tmp_path: Path) -> None:
    text = "编号,内容\n" + "1,路灯不亮请派人维修\n" * 50
    file = open_tickets(write(tmp_path, text.encode("gb18030") + b"2,\xc2\n"))
    assert rows(file)[-1] == ["2", "\ufffd"]
    assert file.warnings == ["1 characters cannot be read as gb18030 and were replaced by \ufffd"]


def test_sniff_finds_encoding_delimiter_and_header_row(tmp_path: Path) -> None:
    found = sniff(
        write(tmp_path, "七月工单；；\n；；\n编号；街道；内容\n1；龙田；路灯\n2；坪山；噪音\n".encode("gb18030"))
    )
    assert (found.encoding, found.delimiter, found.header_row) == ("gb18030", "；", 3)


def test_sniff_keeps_to_the_first_row_when_no_row_is_clearly_the_header(tmp_path: Path) -> None:
    assert sniff(write(tmp_path, 'a, b\n1, "x, y"\n2, z\n')).header_row == 1
