-- Drafts of the plan of grids. A cell is the ground of one building (or of one of its blocks, or of a grid without homes): cells tile
-- the plan they were made over, so that a plan is a label for each of them. A set of cells is made once for a state of the places.
CREATE SEQUENCE cell_set_ids; CREATE SEQUENCE draft_ids; CREATE SEQUENCE draft_comment_ids;
CREATE TABLE cell_set (
    cell_set_id INTEGER NOT NULL, plan_id INTEGER NOT NULL, atlas_digest VARCHAR NOT NULL, made_at TIMESTAMPTZ NOT NULL,
    lost VARCHAR NOT NULL                 -- JSON: codes of buildings that stand in no grid
);
CREATE TABLE cell (
    cell_set_id INTEGER NOT NULL, cell INTEGER NOT NULL, place_id INTEGER, level VARCHAR NOT NULL,   -- whose ground: building, block, micro_grid, grid
    households INTEGER NOT NULL, community_id INTEGER NOT NULL, estate_id INTEGER, grid INTEGER NOT NULL, micro INTEGER NOT NULL,   -- place ids in the plan; micro 0: none
    area_m2 DOUBLE NOT NULL, perimeter_m DOUBLE NOT NULL, geometry GEOMETRY NOT NULL
);
CREATE TABLE cell_border (cell_set_id INTEGER NOT NULL, tail INTEGER NOT NULL, head INTEGER NOT NULL, length_m DOUBLE NOT NULL);
-- state: drawing review approved effective withdrawn. rules: JSON of data/plan_rules.py, the draft's own copy.
CREATE TABLE draft (
    draft_id INTEGER NOT NULL, name VARCHAR NOT NULL, cell_set_id INTEGER NOT NULL, rules VARCHAR NOT NULL, state VARCHAR NOT NULL,
    made_at TIMESTAMPTZ NOT NULL, made_by VARCHAR NOT NULL, effective_from DATE, plan_id INTEGER
);
-- The journal: append-only; undoing and doing again are lines too. head: the change that stands after this line (0: none); follows: the
-- one that stood before it.
CREATE TABLE draft_line (
    draft_id INTEGER NOT NULL, seq INTEGER NOT NULL, written_at TIMESTAMPTZ NOT NULL, author VARCHAR NOT NULL, by_role VARCHAR NOT NULL,
    tool VARCHAR NOT NULL, follows INTEGER NOT NULL, head INTEGER NOT NULL, locks VARCHAR NOT NULL      -- locks: JSON [[grid, was, now]]
);
CREATE TABLE draft_change (
    draft_id INTEGER NOT NULL, seq INTEGER NOT NULL, cell INTEGER NOT NULL,
    grid_from INTEGER NOT NULL, grid_to INTEGER NOT NULL, micro_from INTEGER NOT NULL, micro_to INTEGER NOT NULL
);
-- What became of a draft, and what was said about it.
CREATE TABLE draft_step (draft_id INTEGER NOT NULL, happened_at TIMESTAMPTZ NOT NULL, step VARCHAR NOT NULL, author VARCHAR NOT NULL, by_role VARCHAR NOT NULL, note VARCHAR);
CREATE TABLE draft_comment (
    comment_id INTEGER NOT NULL, draft_id INTEGER NOT NULL, lon DOUBLE NOT NULL, lat DOUBLE NOT NULL, body VARCHAR NOT NULL,
    written_at TIMESTAMPTZ NOT NULL, author VARCHAR NOT NULL, by_role VARCHAR NOT NULL, settled_at TIMESTAMPTZ, settled_by VARCHAR
);
