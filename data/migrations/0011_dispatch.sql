-- How many pictures an order asks for with the report that its work is done.
ALTER TABLE case_life ADD COLUMN wanted SMALLINT DEFAULT 0;
-- The sheet a shift leaves to the next (交接班). place_id: null is the whole district; counts: JSON of what stood in each part of it.
CREATE SEQUENCE handover_ids;
CREATE TABLE handover (
    handover_id INTEGER NOT NULL, place_id INTEGER,
    shift_from TIMESTAMPTZ NOT NULL, shift_to TIMESTAMPTZ NOT NULL,
    note VARCHAR NOT NULL, counts VARCHAR NOT NULL,
    made_at TIMESTAMPTZ NOT NULL, made_by VARCHAR NOT NULL, made_role VARCHAR NOT NULL,     -- by: the post's name
    taken_at TIMESTAMPTZ, taken_by VARCHAR, taken_role VARCHAR                              -- null: the next shift has not taken it
);
