-- What lies under the places on the map: drawn, never counted. Building footprints come from place_version.
CREATE SEQUENCE base_feature_ids;
CREATE TABLE base_feature (
    feature_id INTEGER NOT NULL,
    theme VARCHAR NOT NULL,              -- road rail water park site building
    kind VARCHAR NOT NULL,               -- road: arterial collector local; water: river lake; site: school mall market ...
    name VARCHAR,
    rank INTEGER NOT NULL,               -- 1 is drawn and labelled from the farthest away
    geometry GEOMETRY NOT NULL           -- EPSG:4326
);
