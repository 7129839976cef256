-- Bulletins that were issued. place_id: null is the whole district; as_of and published_at say which figures it holds, so that they
-- can be asked for again; files: JSON of what lies in the home's folder of bulletins (name, bytes, sha256).
CREATE SEQUENCE bulletin_ids;
CREATE TABLE bulletin (
    bulletin_id INTEGER NOT NULL, what VARCHAR NOT NULL,                                    -- monthly, weekly, other
    place_id INTEGER, starts_at TIMESTAMPTZ NOT NULL, ends_at TIMESTAMPTZ NOT NULL, number INTEGER NOT NULL,
    language VARCHAR NOT NULL, as_of TIMESTAMPTZ NOT NULL, published_at TIMESTAMPTZ NOT NULL,
    files VARCHAR NOT NULL, made_at TIMESTAMPTZ NOT NULL, made_by VARCHAR NOT NULL, made_role VARCHAR NOT NULL
);
