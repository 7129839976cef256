-- Judgements by figures and marks: runs of a scorecard's definition, what each subject got, and what was said against it.
CREATE SEQUENCE score_run_ids; CREATE SEQUENCE appeal_ids; CREATE SEQUENCE veto_ids; CREATE SEQUENCE register_ids;
-- One run: a definition, in a version, for one level and one period. state: draft publicity (公示) final withdrawn.
CREATE TABLE score_run (
    run_id INTEGER NOT NULL, card VARCHAR NOT NULL,
    digest VARCHAR NOT NULL,             -- the version of its definition
    level VARCHAR NOT NULL,              -- estate company community street
    period VARCHAR NOT NULL,             -- as people write it: 2026-Q1
    starts_at TIMESTAMPTZ NOT NULL, ends_at TIMESTAMPTZ NOT NULL,
    counted_at TIMESTAMPTZ NOT NULL,     -- figures as of then, from lines recorded by then
    state VARCHAR NOT NULL, made_at TIMESTAMPTZ NOT NULL,
    published_at TIMESTAMPTZ, publicity_until TIMESTAMPTZ, final_at TIMESTAMPTZ
);
-- What a subject got. peers: its peer group; place: its rank within it, of how many; lists, flags, reasons: what the rules said.
CREATE TABLE score_item (
    run_id INTEGER NOT NULL, subject_id INTEGER NOT NULL, code VARCHAR NOT NULL, name VARCHAR NOT NULL, peers VARCHAR NOT NULL,
    estates INTEGER[] NOT NULL,          -- of a company, community or street: the estates it stood for
    n DOUBLE,                            -- the sample, where the definition asks for one
    score DOUBLE, missing DOUBLE NOT NULL, place INTEGER, of INTEGER,
    band VARCHAR, lists VARCHAR[] NOT NULL, flags VARCHAR[] NOT NULL, reasons VARCHAR[] NOT NULL, vetoes VARCHAR[] NOT NULL
);
-- What a score is made of. share: how much of the weight it earned, 0 to 1; weight: after missing parts were spread over it.
CREATE TABLE score_part (
    run_id INTEGER NOT NULL, subject_id INTEGER NOT NULL, part VARCHAR NOT NULL,
    numerator DOUBLE, denominator DOUBLE, value DOUBLE, percentile DOUBLE, peers_n INTEGER,
    share DOUBLE, weight DOUBLE NOT NULL, points DOUBLE
);
-- Append-only: what became of a run. by_role, actor: the post, never a person.
CREATE TABLE score_step (
    run_id INTEGER NOT NULL, happened_at TIMESTAMPTZ NOT NULL, action VARCHAR NOT NULL, by_role VARCHAR NOT NULL, actor VARCHAR NOT NULL,
    note VARCHAR
);
-- An event that puts its subject on a list whatever the score (一票否决), with its evidence. Withdrawn, never deleted.
CREATE TABLE veto (
    veto_id INTEGER NOT NULL, card VARCHAR NOT NULL, kind VARCHAR NOT NULL, level VARCHAR NOT NULL, subject_id INTEGER NOT NULL,
    happened_on DATE NOT NULL, evidence VARCHAR NOT NULL, by_role VARCHAR NOT NULL, actor VARCHAR NOT NULL, entered_at TIMESTAMPTZ NOT NULL,
    withdrawn_at TIMESTAMPTZ, withdrawn_role VARCHAR, withdrawn_reason VARCHAR
);
-- What a subject says against its place while the list is open to appeals. upheld: null until somebody decided.
CREATE TABLE score_appeal (
    appeal_id INTEGER NOT NULL, run_id INTEGER NOT NULL, subject_id INTEGER NOT NULL, reason VARCHAR NOT NULL,
    by_role VARCHAR NOT NULL, actor VARCHAR NOT NULL, lodged_at TIMESTAMPTZ NOT NULL,
    decided_at TIMESTAMPTZ, upheld BOOLEAN, decision VARCHAR, decided_role VARCHAR, decided_by VARCHAR
);
-- Dated facts about a place or a company: a party branch, an owners' committee, an entry of the credit ledger. Half-open dates.
CREATE TABLE register_entry (
    entry_id INTEGER NOT NULL, register VARCHAR NOT NULL, level VARCHAR NOT NULL, subject_id INTEGER NOT NULL,
    value DOUBLE NOT NULL, reason VARCHAR NOT NULL, evidence VARCHAR NOT NULL,
    effective_from DATE NOT NULL, effective_to DATE NOT NULL,
    by_role VARCHAR NOT NULL, actor VARCHAR NOT NULL, entered_at TIMESTAMPTZ NOT NULL,
    withdrawn_at TIMESTAMPTZ, withdrawn_role VARCHAR, withdrawn_reason VARCHAR
);
