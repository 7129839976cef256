-- What the ledger's lines say of a case beside its row: made by data/lives.py from their payloads, and made again by a rebuild.
-- A case has a row here from the first line that carries anything of this; imported cases that nobody moved here have none.
CREATE TABLE case_life (
    case_id BIGINT NOT NULL,
    digest VARCHAR NOT NULL,             -- the version of its kind it was opened under, or first moved under
    urgency VARCHAR NOT NULL,            -- normal urgent emergency
    marks VARCHAR[] NOT NULL,            -- what its moves marked and did not unmark: extension_asked, urged …
    co_units INTEGER[] NOT NULL,         -- units that help (协办)
    level VARCHAR,                       -- the level it was escalated to last
    evidence SMALLINT NOT NULL,          -- pictures in its ledger
    asked_due_at TIMESTAMPTZ             -- the deadline somebody asked for
);
-- The clocks of a case that are on. While it is suspended they stand still.
CREATE TABLE case_clock (
    case_id BIGINT NOT NULL, clock VARCHAR NOT NULL,
    started_at TIMESTAMPTZ NOT NULL, due_at TIMESTAMPTZ NOT NULL
);
-- Cases somebody joined: a duplicate and what it repeats, a whistle and what it is about. Never merged.
CREATE TABLE case_link (case_id BIGINT NOT NULL, other_case_id BIGINT NOT NULL, linked_at TIMESTAMPTZ NOT NULL, by_role VARCHAR NOT NULL);
-- What may be asked of a grid (减负准入). place_id: a grid, or a place above it; null is the whole district. While the list is
-- empty, nothing is refused.
CREATE TABLE admission (
    item VARCHAR NOT NULL, name VARCHAR NOT NULL, place_id INTEGER,
    effective_from DATE NOT NULL, effective_to DATE NOT NULL       -- half-open
);
CREATE TABLE admission_refusal (
    refused_at TIMESTAMPTZ NOT NULL, item VARCHAR NOT NULL, place_id INTEGER NOT NULL, by_name VARCHAR NOT NULL, by_role VARCHAR NOT NULL
);
-- Working days that differ from what the calendar's source says, and the years whose official notice has been entered.
CREATE TABLE calendar_day (day DATE NOT NULL, worked BOOLEAN NOT NULL, name VARCHAR);
CREATE TABLE calendar_notice (year SMALLINT NOT NULL, notice VARCHAR NOT NULL, entered_at TIMESTAMPTZ NOT NULL);
