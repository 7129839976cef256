-- What the district is warned of and how it answers: alarms, emergencies, hazard warnings. Times by the deployment's clock.
CREATE SEQUENCE alarm_ids; CREATE SEQUENCE emergency_ids; CREATE SEQUENCE warning_ids;
-- One alarm: the fold of its steps. case_id, warning_id: what it is about, where it is about one.
CREATE TABLE alarm (
    alarm_id INTEGER NOT NULL, rule VARCHAR NOT NULL,
    digest VARCHAR NOT NULL,             -- the version of its rule it was raised under
    place_id INTEGER NOT NULL, case_id BIGINT, warning_id INTEGER,
    value DOUBLE,                        -- what was found when it was raised
    level VARCHAR NOT NULL,              -- whose it is now: the level of its place, or the one it was escalated to
    raised_at TIMESTAMPTZ NOT NULL, acknowledged_at TIMESTAMPTZ, ended_at TIMESTAMPTZ
);
-- Append-only: raised escalated acknowledged ended. by_role, actor: the post, never a person.
CREATE TABLE alarm_step (
    alarm_id INTEGER NOT NULL, happened_at TIMESTAMPTZ NOT NULL, action VARCHAR NOT NULL, level VARCHAR,
    value DOUBLE, by_role VARCHAR, actor VARCHAR, note VARCHAR
);
-- A place in emergency (平急转换), from its declaration to the day it was stood down. record: JSON, written then.
CREATE TABLE emergency (
    emergency_id INTEGER NOT NULL, plan VARCHAR NOT NULL, digest VARCHAR NOT NULL, place_id INTEGER NOT NULL,
    declared_at TIMESTAMPTZ NOT NULL, declared_role VARCHAR NOT NULL, declared_by VARCHAR NOT NULL, reason VARCHAR NOT NULL,
    ended_at TIMESTAMPTZ, ended_role VARCHAR, ended_by VARCHAR, end_reason VARCHAR, record VARCHAR
);
-- A weather or hazard warning as it came (CAP 1.2), one row for each of its information blocks.
CREATE TABLE hazard_warning (
    warning_id INTEGER NOT NULL, sender VARCHAR NOT NULL, identifier VARCHAR NOT NULL, part SMALLINT NOT NULL,
    sent_at TIMESTAMPTZ NOT NULL, exercise BOOLEAN NOT NULL, language VARCHAR, event VARCHAR NOT NULL, colour VARCHAR NOT NULL,
    urgency VARCHAR NOT NULL, severity VARCHAR NOT NULL, certainty VARCHAR NOT NULL,
    headline VARCHAR, description VARCHAR, instruction VARCHAR, sender_name VARCHAR, area VARCHAR NOT NULL,
    onset_at TIMESTAMPTZ, expires_at TIMESTAMPTZ NOT NULL,
    geometry GEOMETRY,                   -- EPSG:4326; null where it names places by code only
    codes VARCHAR[] NOT NULL,            -- codes of places, as it names them
    place_id INTEGER,                    -- the lowest place that holds all it touches; null: it touches nothing here
    received_at TIMESTAMPTZ NOT NULL, ended_at TIMESTAMPTZ, ended_by VARCHAR     -- expired, cancelled, updated
);
