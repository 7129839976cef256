-- What became of the address a case came with. The text itself is not kept: only, masked, while a person has to look at it.
-- status: placed (by the program), open (uncertain, waits for a person), settled (a person chose), dismissed (a person saw no place).
CREATE TABLE address_match (
    case_id BIGINT NOT NULL, status VARCHAR NOT NULL,
    place VARCHAR,                       -- what it means: 'block=…|building=…|estate=…', lowest first, by code
    how VARCHAR, sure DOUBLE,            -- of placed ones: exact alias area chosen bare slip, and how surely, 0 to 1
    reason VARCHAR, candidates VARCHAR,  -- of open ones: why it is uncertain; JSON [{place, title}]; null once decided
    text VARCHAR,                        -- of open ones: masked; null once decided
    decided_at TIMESTAMPTZ, by_role VARCHAR
);
