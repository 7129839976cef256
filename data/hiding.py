"""How an import's new cases stay out of sight until all of them are there.

They are written in chunks to the real tables, so that live moves get their turn in between, under case ids reserved for
the import; meanwhile the view `cases` leaves the reserved range out. Showing them is one change of the view. Whoever
reads starts from `cases` and joins the rest to it.
"""

from __future__ import annotations

from data.database import Connection

_VIEW = "CREATE OR REPLACE VIEW cases AS SELECT * FROM case_hot{where} UNION ALL SELECT * FROM case_archive{where}"

# Tables that hold rows of a case, besides the two of the case itself.
OF_A_CASE = ("transition", "case_past", "case_place", "call_back", "note", "repeat_point", "address_match")


def next_case_id(con: Connection) -> int:
    """The first id no case has, those reserved for an import included, and those this connection is told to pass over."""
    row = con.execute(
        """SELECT 1 + greatest(0, (SELECT max(case_id) FROM case_hot), (SELECT max(case_id) FROM case_archive),
               (SELECT max(last_case_id) FROM import), getvariable('passed_over'))"""
    ).fetchone()
    return int(row[0]) if row else 1


def pass_over(con: Connection, last: int) -> None:
    """Give no case an id up to this one, as long as the connection lasts: they were given to cases that are not here."""
    con.execute(f"SET VARIABLE passed_over = {last:d}")


def reserve(con: Connection, import_id: int, count: int) -> int:
    """Reserve `count` new case ids for an import, hide them, and return the first."""
    first = next_case_id(con)
    last = first + count - 1
    con.execute(
        "UPDATE import SET first_case_id = ?, last_case_id = ? WHERE import_id = ?",
        [first, last, import_id],
    )
    con.execute(_VIEW.format(where=f" WHERE case_id NOT BETWEEN {first} AND {last}"))
    return first


def reveal(con: Connection) -> None:
    """Show everything again."""
    con.execute(_VIEW.format(where=""))


def hidden_range(con: Connection) -> tuple[int, int] | None:
    """First and last case id of the import that is being switched in; None when nothing is hidden."""
    row = con.execute(
        "SELECT first_case_id, last_case_id FROM import WHERE status = 'running' AND first_case_id IS NOT NULL"
    ).fetchone()
    return (row[0], row[1]) if row else None


def remove_hidden(con: Connection, import_id: int) -> None:
    """Delete what an unfinished import wrote under its reserved ids, and give the ids back."""
    row = con.execute("SELECT first_case_id, last_case_id FROM import WHERE import_id = ?", [import_id]).fetchone()
    if row and row[0] is not None:
        for table in ("case_hot", "case_archive", *OF_A_CASE):
            con.execute(f"DELETE FROM {table} WHERE case_id BETWEEN ? AND ?", list(row))
        con.execute("UPDATE import SET first_case_id = NULL, last_case_id = NULL WHERE import_id = ?", [import_id])
    reveal(con)
