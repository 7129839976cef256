-- One deployment, one row.
CREATE TABLE deployment (
    name VARCHAR NOT NULL, code VARCHAR NOT NULL, zone VARCHAR NOT NULL, crs VARCHAR NOT NULL,
    calendar VARCHAR NOT NULL,           -- name of the working calendar: 'CN', 'US', ..., 'weekdays'
    simulated BOOLEAN NOT NULL DEFAULT false,
    salt BLOB NOT NULL,                  -- of the note hashes
    created_at TIMESTAMPTZ NOT NULL
);

CREATE SEQUENCE place_ids; CREATE SEQUENCE plan_ids; CREATE SEQUENCE atlas_ids; CREATE SEQUENCE category_ids;
CREATE SEQUENCE unit_ids; CREATE SEQUENCE company_ids; CREATE SEQUENCE import_ids; CREATE SEQUENCE note_ids;
CREATE SEQUENCE call_back_ids; CREATE SEQUENCE judgement_ids; CREATE SEQUENCE quarantine_ids; CREATE SEQUENCE audit_ids;
CREATE SEQUENCE facility_ids; CREATE SEQUENCE post_ids; CREATE SEQUENCE source_ids;

-- The tree. A place keeps its id; what changes is dated in place_version.
-- level: district street community grid micro_grid estate building block
CREATE TABLE place (
    place_id INTEGER NOT NULL, level VARCHAR NOT NULL, code VARCHAR NOT NULL, retired BOOLEAN NOT NULL DEFAULT false
);
CREATE TABLE place_version (
    place_id INTEGER NOT NULL,
    plan_id INTEGER,                     -- set for grid and micro_grid, null otherwise
    effective_from DATE NOT NULL, effective_to DATE NOT NULL,      -- half-open; 0001-01-01 and 9999-12-31 when open
    parent_id INTEGER,                   -- null only for the district
    name VARCHAR NOT NULL, aliases VARCHAR[],
    kind VARCHAR,                        -- estate: commodity resettlement work_unit mixed; community: residential industrial international transitional; grid: dedicated or null
    old BOOLEAN,
    households INTEGER, company_id INTEGER,
    geometry GEOMETRY,                   -- EPSG:4326, valid; null where only the name is known
    area_m2 DOUBLE, import_id INTEGER
);
CREATE TABLE facility (
    facility_id INTEGER NOT NULL, code VARCHAR NOT NULL, name VARCHAR, kind VARCHAR NOT NULL, place_id INTEGER,
    geometry GEOMETRY, effective_from DATE NOT NULL, effective_to DATE NOT NULL
);
-- One version of all grids and micro-grids.
CREATE TABLE grid_plan (
    plan_id INTEGER NOT NULL, name VARCHAR NOT NULL, status VARCHAR NOT NULL,   -- draft active retired
    effective_from DATE NOT NULL, effective_to DATE NOT NULL, created_at TIMESTAMPTZ NOT NULL
);
-- The tree and the plan as they stood between two dates: what cases are located in.
CREATE TABLE atlas (
    atlas_id INTEGER NOT NULL, plan_id INTEGER, effective_from DATE NOT NULL, effective_to DATE NOT NULL,
    digest VARCHAR NOT NULL, current BOOLEAN NOT NULL   -- current: false while cases are being located in it
);

CREATE TABLE category (
    category_id INTEGER NOT NULL, code VARCHAR NOT NULL, name VARCHAR NOT NULL, parent_id INTEGER,
    track VARCHAR, sla_hours DOUBLE, sla_clock VARCHAR    -- natural or working
);
CREATE TABLE unit (
    unit_id INTEGER NOT NULL, code VARCHAR NOT NULL, name VARCHAR NOT NULL, kind VARCHAR,
    level VARCHAR, place_id INTEGER     -- level: micro_grid grid community street district; null unknown
);
CREATE TABLE company (company_id INTEGER NOT NULL, code VARCHAR NOT NULL, name VARCHAR NOT NULL);
CREATE TABLE post (
    post_id INTEGER NOT NULL, place_id INTEGER NOT NULL, kind VARCHAR NOT NULL, required INTEGER, actual INTEGER,
    on_duty INTEGER, effective_from DATE NOT NULL, effective_to DATE NOT NULL
);
-- What a person entered and the program cannot compute (review 评议, party organisation covered ...).
CREATE TABLE judgement (
    judgement_id INTEGER NOT NULL, subject VARCHAR NOT NULL, subject_id INTEGER NOT NULL, kind VARCHAR NOT NULL,
    value DOUBLE, period_from DATE NOT NULL, period_to DATE NOT NULL, by_role VARCHAR NOT NULL, reason VARCHAR,
    entered_at TIMESTAMPTZ NOT NULL
);

-- A system that sends tickets; external ids are unique within it.
CREATE TABLE source (source_id SMALLINT NOT NULL, name VARCHAR NOT NULL);

-- Who a case is, and its state: the fold of its transitions. Open and recent cases are hot.
CREATE TABLE case_hot (
    case_id BIGINT NOT NULL, source_id SMALLINT NOT NULL, external_id VARCHAR NOT NULL, kind VARCHAR NOT NULL,
    parent_case_id BIGINT, track VARCHAR, channel VARCHAR, category_id INTEGER,
    lon DOUBLE, lat DOUBLE, x DOUBLE, y DOUBLE,           -- 4326 and the deployment's metric CRS; null without a usable point
    named_place VARCHAR,                                  -- what the source called its place: 'community=南布社区|street=龙田街道', lowest first
    flags INTEGER NOT NULL DEFAULT 0,                     -- bits of data/quality.py: suspicious but taken
    import_id INTEGER, content_hash UBIGINT,
    on_time_source VARCHAR NOT NULL,                      -- dates flag none
    -- state
    reported_at TIMESTAMPTZ NOT NULL, registered_at TIMESTAMPTZ, handled_at TIMESTAMPTZ, closed_at TIMESTAMPTZ,
    due_at TIMESTAMPTZ, handle_due_at TIMESTAMPTZ,
    stage VARCHAR NOT NULL, unit_id INTEGER, closed_unit_id INTEGER, on_time BOOLEAN,     -- on_time: the source's flag
    suspended BOOLEAN NOT NULL DEFAULT false, voided BOOLEAN NOT NULL DEFAULT false, excluded BOOLEAN NOT NULL DEFAULT false,
    reworked SMALLINT NOT NULL DEFAULT 0, extended SMALLINT NOT NULL DEFAULT 0,
    reach TINYINT,                                        -- highest level it went to: 0 micro_grid .. 4 district; null unknown
    seq SMALLINT NOT NULL, since TIMESTAMPTZ NOT NULL,    -- last line; when this state began
    last_hash BLOB NOT NULL USING COMPRESSION uncompressed
);
CREATE TABLE case_archive AS SELECT * FROM case_hot;
-- What readers start from. While an import is being switched in, this view leaves its case ids out (data/hiding.py), and
-- only this view: whoever reads case_past, transition, case_place, call_back or note joins them to `cases`.
CREATE VIEW cases AS SELECT * FROM case_hot UNION ALL SELECT * FROM case_archive;

-- States that have ended: what makes a past moment cheap. Half-open [valid_from, valid_to).
CREATE TABLE case_past (
    case_id BIGINT NOT NULL, valid_from TIMESTAMPTZ NOT NULL, valid_to TIMESTAMPTZ NOT NULL,
    registered_at TIMESTAMPTZ, handled_at TIMESTAMPTZ, closed_at TIMESTAMPTZ, due_at TIMESTAMPTZ, handle_due_at TIMESTAMPTZ,
    stage VARCHAR NOT NULL, unit_id INTEGER, closed_unit_id INTEGER, on_time BOOLEAN,
    suspended BOOLEAN NOT NULL, voided BOOLEAN NOT NULL, excluded BOOLEAN NOT NULL,
    reworked SMALLINT NOT NULL, extended SMALLINT NOT NULL, reach TINYINT
);

-- Append-only. hash = sha256(previous hash of the case, canonical form of the line).
CREATE TABLE transition (
    case_id BIGINT NOT NULL, seq SMALLINT NOT NULL, occurred_at TIMESTAMPTZ NOT NULL, recorded_at TIMESTAMPTZ NOT NULL,
    action VARCHAR NOT NULL, stage VARCHAR, due_at TIMESTAMPTZ, handle_due_at TIMESTAMPTZ, unit_id INTEGER,
    by_role VARCHAR, by_unit INTEGER,
    payload VARCHAR, payload_version SMALLINT NOT NULL, key VARCHAR NOT NULL, note_id BIGINT, note_hash BLOB,
    hash BLOB NOT NULL USING COMPRESSION uncompressed     -- trying to compress noise takes a third of an import's writing
);
CREATE TABLE note (note_id BIGINT NOT NULL, case_id BIGINT NOT NULL, body VARCHAR, erased_at TIMESTAMPTZ);
CREATE TABLE call_back (
    call_back_id BIGINT NOT NULL, case_id BIGINT NOT NULL, completed_at TIMESTAMPTZ NOT NULL, recorded_at TIMESTAMPTZ NOT NULL,
    contacted BOOLEAN, resolved BOOLEAN, satisfaction VARCHAR,      -- satisfied basic unsatisfied; null not said
    excluded BOOLEAN NOT NULL DEFAULT false, by_role VARCHAR, reason VARCHAR
);
-- Derived: where each case lies in each atlas, and since when it stands at a repeat point. Both can be rebuilt.
CREATE TABLE case_place (
    atlas_id INTEGER NOT NULL, case_id BIGINT NOT NULL,
    located VARCHAR NOT NULL,            -- how: point block building estate micro_grid grid community street none
    street_id INTEGER, community_id INTEGER, grid_id INTEGER, micro_grid_id INTEGER, estate_id INTEGER, building_id INTEGER,
    block_id INTEGER                     -- null: not located at that level
);
CREATE TABLE repeat_point (case_id BIGINT NOT NULL, since TIMESTAMPTZ NOT NULL);

CREATE TABLE import (
    import_id INTEGER NOT NULL, kind VARCHAR NOT NULL, file VARCHAR NOT NULL, digest VARCHAR, mapping VARCHAR, source_id SMALLINT,
    started_at TIMESTAMPTZ NOT NULL, finished_at TIMESTAMPTZ, status VARCHAR NOT NULL,   -- running done refused cancelled failed
    rows_read BIGINT, new BIGINT, updated BIGINT, unchanged BIGINT, exact_duplicates BIGINT, quarantined BIGINT,
    report VARCHAR,                       -- JSON: dropped columns, flags with counts, located shares, warnings
    first_case_id BIGINT, last_case_id BIGINT
);
CREATE TABLE quarantine (
    quarantine_id BIGINT NOT NULL, import_id INTEGER NOT NULL, file VARCHAR NOT NULL, row_number BIGINT NOT NULL,
    column_name VARCHAR, value VARCHAR, rule VARCHAR NOT NULL, record VARCHAR NOT NULL,   -- record: JSON of the mapped columns, masked
    status VARCHAR NOT NULL              -- open retried dropped
);
CREATE TABLE audit (audit_id BIGINT NOT NULL, happened_at TIMESTAMPTZ NOT NULL, action VARCHAR NOT NULL, by_role VARCHAR, detail VARCHAR);
CREATE TABLE job_done (key VARCHAR NOT NULL, label VARCHAR NOT NULL, done_at TIMESTAMPTZ NOT NULL, result VARCHAR);  -- keyed writes that are no moves
CREATE TABLE ledger_head (day DATE NOT NULL, lines BIGINT NOT NULL, head BLOB NOT NULL, previous BLOB);
CREATE TABLE definition (definition_id VARCHAR NOT NULL, digest VARCHAR NOT NULL, effective_from TIMESTAMPTZ NOT NULL, body VARCHAR NOT NULL);
