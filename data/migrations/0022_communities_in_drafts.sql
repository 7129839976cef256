-- Drafts draw communities too: place ids, or labels the draft made; null in lines older than that, and where nothing changed.
ALTER TABLE draft_change ADD COLUMN community_from INTEGER;
ALTER TABLE draft_change ADD COLUMN community_to INTEGER;
-- What passed to a successor on the day a draft took effect, because its place was given up: posts by kind with their number, accounts
-- with their role, units, devices, lines of the responsibility list. share: of the old place's households that the successor took.
CREATE TABLE draft_passing (
    draft_id INTEGER NOT NULL, level VARCHAR NOT NULL, place_id INTEGER NOT NULL, heir_id INTEGER NOT NULL, share DOUBLE NOT NULL,
    what VARCHAR NOT NULL, label VARCHAR NOT NULL, n INTEGER NOT NULL
);
