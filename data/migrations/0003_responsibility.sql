-- The responsibility list (权责清单): who answers for a category in a place. The lowest place that has a line decides.
CREATE TABLE responsibility (
    category_id INTEGER NOT NULL, place_id INTEGER NOT NULL, unit_id INTEGER NOT NULL,
    part VARCHAR NOT NULL,               -- lead (主办) help (协办)
    effective_from DATE NOT NULL, effective_to DATE NOT NULL       -- half-open
);
