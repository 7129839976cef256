-- The time of a simulated deployment, and how far its work has been done. One row each; none in a real deployment.
CREATE TABLE clock (shown_at TIMESTAMPTZ NOT NULL, speed DOUBLE NOT NULL);      -- speed: simulated seconds a second; 0 stands
CREATE TABLE simulation (
    preset VARCHAR NOT NULL, seed BIGINT NOT NULL, begins DATE NOT NULL, ends DATE NOT NULL,   -- the year it was built for, half-open
    tickets BIGINT NOT NULL,             -- reported in that year
    arrived_until TIMESTAMPTZ NOT NULL,  -- tickets reported by then are cases
    moved_until TIMESTAMPTZ NOT NULL     -- moves that happened by then are in the ledger
);
CREATE TABLE storm (begins_at TIMESTAMPTZ NOT NULL);    -- rainstorms somebody let begin
