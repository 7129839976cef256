-- Posts that sign in, the walls and programs that carry a token, and who did what. No person's name stands here.
CREATE SEQUENCE account_ids; CREATE SEQUENCE token_ids;
CREATE TABLE account (
    account_id INTEGER NOT NULL, name VARCHAR NOT NULL, label VARCHAR NOT NULL,    -- label: how the post is called on screen
    unit_id INTEGER,                     -- the unit a handler acts for
    password VARCHAR,                    -- argon2id; null: signs in through the identity provider only
    outside VARCHAR,                     -- what the identity provider calls the post; null: not known there
    disabled BOOLEAN NOT NULL DEFAULT false, created_at TIMESTAMPTZ NOT NULL, password_at TIMESTAMPTZ
);
CREATE TABLE account_grant (account_id INTEGER NOT NULL, role VARCHAR NOT NULL, place_id INTEGER);   -- null: the whole district
-- A wall's device token reads one place; a program's key acts as a post. Only the hash of the secret is kept.
CREATE TABLE access_token (
    token_id INTEGER NOT NULL, kind VARCHAR NOT NULL,    -- device api
    label VARCHAR NOT NULL, account_id INTEGER, place_id INTEGER, digest BLOB NOT NULL,
    made_at TIMESTAMPTZ NOT NULL, seen_at TIMESTAMPTZ, revoked_at TIMESTAMPTZ
);
-- Signed-in browsers, by the machine's time whatever the deployment's shows. Only the hash of the cookie's secret is kept.
CREATE TABLE session (
    digest BLOB NOT NULL, account_id INTEGER, token_id INTEGER, began_at TIMESTAMPTZ NOT NULL, seen_at TIMESTAMPTZ NOT NULL
);
ALTER TABLE audit ADD COLUMN actor_kind VARCHAR;       -- person device api program
ALTER TABLE audit ADD COLUMN actor VARCHAR;            -- the account's, device's or key's name
ALTER TABLE audit ADD COLUMN case_id BIGINT;           -- of a move: the line of the ledger
ALTER TABLE audit ADD COLUMN seq SMALLINT;
