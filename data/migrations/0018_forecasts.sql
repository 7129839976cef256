-- What is coming: expected tickets of each community and category over the next 7 and 28 days, made anew every night from what was known
-- at the end of the day before. community_id, category_id: null is all of them. low, high: the 90 % interval. dispersion: variance =
-- expected + dispersion * expected^2. came, awaited, chance: of the last 7 days what came, what had been expected a week ago, and how
-- likely so many or more were.
CREATE TABLE forecast (
    community_id INTEGER, category_id INTEGER, horizon SMALLINT NOT NULL,
    expected DOUBLE NOT NULL, low DOUBLE NOT NULL, high DOUBLE NOT NULL, dispersion DOUBLE NOT NULL,
    came INTEGER, awaited DOUBLE, chance DOUBLE
);
-- The one they were made in. day: the first day that is foretold.
CREATE TABLE forecast_run (day DATE NOT NULL, made_at TIMESTAMPTZ NOT NULL, series INTEGER NOT NULL, fade DOUBLE NOT NULL, drawn DOUBLE NOT NULL);
