"""Rules for cases and their ledger, each a plain function from the store to what is wrong in it.

They read from `cases`, so an import that is being switched in is left out until it is there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from data import cases, ledger, lives
from data.hiding import hidden_range
from data.violations import Violation

if TYPE_CHECKING:
    from data.store import Store

# Level, and the level its place must lie under when the case is located there too.
CHAIN = (
    ("micro_grid", "grid"),
    ("grid", "community"),
    ("community", "street"),
    ("block", "building"),
    ("building", "estate"),
)
ORPHANS = ("case_past", "case_place", "call_back", "note", "repeat_point", "case_life", "case_clock")
PLACE_COLUMNS = ("street", "community", "grid", "micro_grid", "estate", "building", "block")


def ledger_chains(store: Store) -> Iterable[Violation]:
    """Every line's hash follows from the line before, none is missing, and the row stands on the last."""
    for broken in ledger.verify(store):
        yield Violation(
            "ledger_chains", f"case {broken.case_id}, line {broken.seq}: {broken.what}", cases=(broken.case_id,)
        )


def ledger_heads(store: Store) -> Iterable[Violation]:
    """The lines of each sealed day still give the head that was written then."""
    for day in ledger.verify_heads(store):
        yield Violation("ledger_heads", f"the lines recorded on {day} are not those that were sealed")


def notes_unaltered(store: Store) -> Iterable[Violation]:
    """A note that was not erased fits its hash in the ledger."""
    for note_id in ledger.altered_notes(store):
        yield Violation("notes_unaltered", f"note {note_id} is not the text that was recorded")


def fold_is_row(store: Store) -> Iterable[Violation]:
    """A case's row, and its past states, are the fold of its ledger."""
    for case_id in cases.differing(store):
        yield Violation(
            "fold_is_row", f"case {case_id}: its row or its past states differ from its ledger", cases=(case_id,)
        )


def life_is_ledger(store: Store) -> Iterable[Violation]:
    """What is kept of a case beside its row is what its ledger says."""
    with store.read() as con:
        wrong = sorted(lives.differing(con))
    for case_id in wrong:
        yield Violation("life_is_ledger", f"case {case_id}: marks or clocks differ from its ledger", cases=(case_id,))


def one_row_a_case(store: Store) -> Iterable[Violation]:
    """A case stands once, in the hot table or in the archive."""
    rows = store.rows("SELECT case_id, count(*) AS n FROM cases GROUP BY case_id HAVING n > 1 ORDER BY 1")
    for row in rows:
        yield Violation("one_row_a_case", f"case {row['case_id']} stands {row['n']} times", cases=(row["case_id"],))


def one_case_a_ticket(store: Store) -> Iterable[Violation]:
    """A ticket of a source is one case."""
    rows = store.rows(
        """SELECT s.name, external_id, list(DISTINCT case_id ORDER BY case_id) AS ids FROM cases LEFT JOIN source s USING (source_id)
           GROUP BY s.name, source_id, external_id HAVING len(ids) > 1 ORDER BY ids"""
    )
    for row in rows:
        text = f"ticket {row['external_id']} of {row['name']} is {len(row['ids'])} cases"
        yield Violation("one_case_a_ticket", text, cases=tuple(row["ids"]))


def of_a_case(store: Store) -> Iterable[Violation]:
    """No past state, location, call-back, note or repeat point stands without its case."""
    with store.read() as con:
        hidden = hidden_range(con)
        seen = f" AND case_id NOT BETWEEN {hidden[0]} AND {hidden[1]}" if hidden else ""
        for table in ORPHANS:
            ids = con.execute(
                f"SELECT DISTINCT case_id FROM {table} WHERE case_id NOT IN (SELECT case_id FROM cases){seen} ORDER BY 1"
            ).fetchall()
            for (case_id,) in ids:
                yield Violation("of_a_case", f"{table} names case {case_id}, which does not exist", cases=(case_id,))


def located_once(store: Store) -> Iterable[Violation]:
    """In every current atlas each case is located once, and in no atlas that does not exist."""
    rows = store.rows(
        """SELECT a.atlas_id, c.case_id, count(l.case_id) AS n FROM cases c CROSS JOIN (FROM atlas WHERE current) a
           LEFT JOIN case_place l ON l.case_id = c.case_id AND l.atlas_id = a.atlas_id
           GROUP BY ALL HAVING n <> 1 ORDER BY ALL"""
    )
    for row in rows:
        text = f"case {row['case_id']} is located {row['n']} times in atlas {row['atlas_id']}"
        yield Violation("located_once", text, cases=(row["case_id"],))
    for row in store.rows(
        "SELECT DISTINCT atlas_id FROM case_place WHERE atlas_id NOT IN (SELECT atlas_id FROM atlas) ORDER BY 1"
    ):
        yield Violation("located_once", f"cases are located in atlas {row['atlas_id']}, which does not exist")


def located_in_places(store: Store) -> Iterator[Violation]:
    """A case is located in places that exist, have that level, and lie under one another as the tree says."""
    rule = "located_in_places"
    for level in PLACE_COLUMNS:
        rows = store.rows(
            f"""SELECT {level}_id AS place, list(DISTINCT case_id ORDER BY case_id) AS ids
                FROM case_place JOIN cases USING (case_id)
                WHERE {level}_id IS NOT NULL
                    AND {level}_id NOT IN (SELECT place_id FROM place WHERE level = '{level}') GROUP BY 1 ORDER BY 1"""
        )
        for row in rows:
            text = f"{len(row['ids'])} cases are located in {level} {row['place']}, which does not exist"
            yield Violation(rule, text, (row["place"],), tuple(row["ids"]))
    for level, above in CHAIN:
        rows = store.rows(
            f"""SELECT l.atlas_id, {level}_id AS place, list(DISTINCT l.case_id ORDER BY l.case_id) AS ids
                FROM case_place l JOIN cases USING (case_id) JOIN atlas a USING (atlas_id)
                JOIN place_version v ON v.place_id = {level}_id AND v.effective_from <= a.effective_from
                    AND a.effective_from < v.effective_to AND (v.plan_id IS NULL OR v.plan_id = a.plan_id)
                JOIN place p ON p.place_id = v.parent_id AND p.level = '{above}'
                WHERE {above}_id IS DISTINCT FROM v.parent_id GROUP BY ALL ORDER BY ALL"""
        )
        for row in rows:
            text = f"atlas {row['atlas_id']}: {len(row['ids'])} cases in {level} {row['place']} are not in the {above} above it"
            yield Violation(rule, text, (row["place"],), tuple(row["ids"]))


CASE_RULES: dict[str, Callable[[Store], Iterable[Violation]]] = {
    rule.__name__: rule
    for rule in (
        ledger_chains,
        ledger_heads,
        notes_unaltered,
        fold_is_row,
        life_is_ledger,
        one_row_a_case,
        one_case_a_ticket,
        of_a_case,
        located_once,
        located_in_places,
    )
}
