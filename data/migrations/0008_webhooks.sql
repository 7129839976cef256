-- Where a unit's own system is told of its cases. told_until: up to which line of the ledger (recorded_at) deliveries were made.
CREATE SEQUENCE hook_ids; CREATE SEQUENCE delivery_ids;
CREATE TABLE webhook (
    hook_id INTEGER NOT NULL, unit_id INTEGER NOT NULL, url VARCHAR NOT NULL,
    secret VARCHAR NOT NULL,             -- what deliveries are signed with; it must be known here to sign
    made_at TIMESTAMPTZ NOT NULL, told_until TIMESTAMPTZ NOT NULL, stopped_at TIMESTAMPTZ
);
-- One line of the ledger on its way to one address. next_at by the machine's time; dead_at: given up, until somebody sends it anew.
CREATE TABLE webhook_delivery (
    delivery_id BIGINT NOT NULL, hook_id INTEGER NOT NULL, case_id BIGINT NOT NULL, seq SMALLINT NOT NULL,
    recorded_at TIMESTAMPTZ NOT NULL, attempts SMALLINT NOT NULL, next_at TIMESTAMPTZ NOT NULL,
    delivered_at TIMESTAMPTZ, dead_at TIMESTAMPTZ, said VARCHAR           -- said: how the last attempt ended
);
