import json
import shutil
import subprocess
import sys
import warnings
import zipfile
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely
from shapely.geometry import GeometryCollection, LineString, Point, Polygon, box, mapping

from data.errors import FileError
from etl.fileoptions import FileOptions, Limits
from etl.shapes import Shapes, read_shapes
from tests.etl.reading import write
from tests.realdata import SHARED, needs_shared

SQUARE = box(114.0, 22.0, 114.1, 22.1)
BOW_TIE = Polygon([(0, 0), (2, 2), (2, 0), (0, 2)])
METRES = box(333_000, 7_394_000, 334_000, 7_395_000)  # São Paulo in EPSG:31983


def geojson(folder: Path, geometries: list[Any], name: str = "t.geojson", **more: Any) -> Path:
    features = [
        {
            "type": "Feature",
            "properties": {"n": number},
            "geometry": shape if shape is None or isinstance(shape, dict) else mapping(shape),
        }
        for number, shape in enumerate(geometries, 1)
    ]
    content = {"type": "FeatureCollection", "features": features, **more}
    return write(folder, json.dumps(content), name)


def shapefile(folder: Path, crs: str | None = "EPSG:4326", name: str = "t") -> Path:
    frame = gpd.GeoDataFrame({"name": ["龙田", "坪山"]}, geometry=[SQUARE, box(114.2, 22, 114.3, 22.1)], crs=crs)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # no .prj is what some tests want
        frame.to_file(folder / f"{name}.shp", encoding="GBK")
    return folder / f"{name}.shp"


def refused(path: Path, **how: Any) -> tuple[str, str, str]:
    with pytest.raises(FileError) as caught:
        read_shapes(path, **how)
    return caught.value.where, caught.value.what, caught.value.todo


def bounds(shapes: Shapes) -> list[float]:
    return [round(float(value), 4) for value in shapely.total_bounds(shapes.geometry)]


# GeoJSON


def test_geojson_is_longitude_and_latitude_by_its_standard(tmp_path: Path) -> None:
    shapes = read_shapes(geojson(tmp_path, [SQUARE]))
    assert (shapes.crs, shapes.crs_from, shapes.layers, shapes.repaired) == ("EPSG:4326", "standard", ["t.geojson"], [])
    assert shapes.columns.to_pylist() == [{"n": 1}]
    assert shapes.geometry[0].equals(SQUARE)


@pytest.mark.parametrize("name", ["urn:ogc:def:crs:EPSG::31983", "urn:ogc:def:crs:EPSG:6.9:31983", "EPSG:31983"])
def test_an_old_crs_member_is_honoured(tmp_path: Path, name: str) -> None:
    shapes = read_shapes(geojson(tmp_path, [METRES], crs={"type": "name", "properties": {"name": name}}))
    assert (shapes.crs, shapes.crs_from) == ("EPSG:31983", "file")
    # by the series of Snyder (USGS Professional Paper 1395, equations 8-17 to 8-20), worked apart from PROJ
    assert bounds(shapes) == [-46.6362, -23.5559, -46.6263, -23.5468]


def test_a_crs_member_that_is_not_known_is_a_question(tmp_path: Path) -> None:
    path = geojson(tmp_path, [METRES], crs={"type": "name", "properties": {"name": "Local 7"}})
    assert refused(path)[1] == "the coordinate system 'Local 7' is not known"


def test_metres_without_a_crs_are_a_question(tmp_path: Path) -> None:
    path = geojson(tmp_path, [METRES])
    assert refused(path) == (
        "t.geojson",
        "coordinates such as (334000, 7.394e+06) are not on the globe in EPSG:4326",
        'Set crs = "EPSG:…" in [geometry] of the mapping to the system the file is in.',
    )
    assert read_shapes(path, crs="EPSG:31983").crs_from == "mapping"


def test_latitude_first_is_said(tmp_path: Path) -> None:
    path = geojson(tmp_path, [box(22, 114, 22.1, 114.1)])
    assert refused(path)[1] == (
        "coordinates such as (22.1, 114) are not on the globe in EPSG:4326: latitude and longitude are exchanged"
    )


def test_an_unknown_crs_in_the_mapping_is_refused(tmp_path: Path) -> None:
    assert refused(geojson(tmp_path, [SQUARE]), crs="EPSG:99999")[:2] == (
        "[geometry] crs",
        "there is no coordinate system 'EPSG:99999'",
    )


def test_offset_systems_are_brought_back(tmp_path: Path) -> None:
    shapes = read_shapes(geojson(tmp_path, [SQUARE]), crs="GCJ-02")
    assert 0.004 < 114.0 - bounds(shapes)[0] < 0.006


def test_bow_ties_are_made_valid_and_reported(tmp_path: Path) -> None:
    shapes = read_shapes(geojson(tmp_path, [SQUARE, BOW_TIE]))
    assert shapes.repaired == [(2, "not valid (Self-intersection[1 1]); made valid")]
    assert shapes.geometry[1].is_valid
    assert (shapes.geometry[1].geom_type, shapes.geometry[1].area) == ("MultiPolygon", 2.0)


def test_rows_without_a_polygon_are_kept_without_geometry(tmp_path: Path) -> None:
    unclosed = {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1]]]}
    nonsense = {"type": "Polygon", "coordinates": "x"}
    flat = {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [2, 0], [0, 0]]]}
    collection = GeometryCollection([SQUARE, Point(0, 0)])
    path = geojson(
        tmp_path, [None, Polygon(), Point(1, 2), LineString([(0, 0), (1, 1)]), collection, unclosed, nonsense, flat]
    )
    shapes = read_shapes(path)
    assert shapes.repaired == [
        (2, "the geometry is empty; left out"),
        (3, "a Point where a polygon is expected; left out"),
        (4, "a LineString where a polygon is expected; left out"),
        (5, "a collection of geometries; its polygons taken"),
        (6, "a ring was not closed; closed it"),
        (7, "the geometry cannot be read; left out"),
        (8, "not valid (Self-intersection[1 0]); made valid"),
        (8, "nothing with an area is left of it; left out"),
    ]
    assert [shape is None for shape in shapes.geometry] == [True, True, True, True, False, False, True, True]
    assert shapes.geometry[4].equals(SQUARE)
    assert shapes.columns.num_rows == 8


def test_points_and_lines_are_kept_where_they_are_wanted(tmp_path: Path) -> None:
    shapes = read_shapes(geojson(tmp_path, [Point(1, 2), LineString([(0, 0), (1, 1)])]), polygons=False)
    assert [shape.geom_type for shape in shapes.geometry] == ["Point", "LineString"]
    assert refused(geojson(tmp_path, [Point(1, 2)]))[1] == "the file holds no polygon"


def test_height_is_dropped(tmp_path: Path) -> None:
    path = geojson(tmp_path, [{"type": "Polygon", "coordinates": [[[0, 0, 5], [1, 0, 5], [1, 1, 5], [0, 0, 5]]]}])
    assert not read_shapes(path).geometry[0].has_z


def test_a_row_off_the_globe_is_left_out_when_the_others_are_on_it(tmp_path: Path) -> None:
    shapes = read_shapes(geojson(tmp_path, [SQUARE, METRES, SQUARE]))
    assert shapes.repaired == [(2, "its coordinates are not on the globe; left out")]


def test_codes_keep_their_type_and_mixed_columns_become_text(tmp_path: Path) -> None:
    features = [
        {"type": "Feature", "id": 7, "geometry": mapping(SQUARE), "properties": {"code": 440303001, "x": 1}},
        {"type": "Feature", "id": 8, "geometry": mapping(SQUARE), "properties": {"code": 440303002, "x": ["a"]}},
    ]
    path = write(tmp_path, json.dumps({"type": "FeatureCollection", "features": features}), "t.json")
    assert read_shapes(path).columns.to_pylist() == [
        {"code": 440303001, "x": "1", "id": 7},
        {"code": 440303002, "x": '["a"]', "id": 8},
    ]


@pytest.mark.parametrize(
    ("content", "what"),
    [
        ('{"type": "Topology"}', "the file is TopoJSON"),
        ('{"geometryType": "esriGeometryPolygon"}', "the file is Esri JSON"),
        ('{"a": 1}', "the JSON is no GeoJSON: it has no features"),
        ("[1]", "the JSON is no GeoJSON: it has no features"),
        ('{"type": "FeatureCollection", "features": []}', "the GeoJSON has no features"),
        ('{"type": "FeatureCollection", "features": [1]}', "this is not a feature"),
        ("[" * 100_000, "the JSON is nested too deeply"),
        (
            '{"type": "Feature"',
            "the JSON is damaged (Expecting ',' delimiter: line 1 column 19 (char 18))",
        ),
    ],
)
def test_json_that_is_no_geojson_is_named(tmp_path: Path, content: str, what: str) -> None:
    assert refused(write(tmp_path, content, "t.json"))[1] == what


# GDAL's drivers


def test_virtual_formats_are_switched_off_in_a_fresh_process() -> None:
    program = "import etl.shapes, pyogrio; print(*pyogrio.list_drivers())"
    drivers = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()
    assert "GPKG" in drivers
    assert not {"VRT", "OGR_VRT", "HTTP", "WFS"} & set(drivers)


@pytest.mark.parametrize("suffix", [".geojson", ".shp", ".gpkg", ".json", ".vrt"])
def test_a_vrt_in_disguise_is_refused(tmp_path: Path, suffix: str) -> None:
    content = '<OGRVRTDataSource><OGRVRTLayer name="x"><SrcDataSource>/etc/passwd</SrcDataSource></OGRVRTLayer>'
    assert refused(write(tmp_path, content, f"t{suffix}")) == (
        f"t{suffix}",
        "the file is a GDAL virtual file (VRT), which points at other files",
        "Give the data file itself.",
    )


@pytest.mark.parametrize(
    ("name", "content", "what"),
    [
        ("t.kml", "<?xml version='1.0'?><kml/>", "the file is XML, whatever its name says"),
        ("t.gpkg", "SQLite format 3\x00" + "x" * 100, "the file is an SQLite database but no GeoPackage"),
        ("t.gpkg", "hello", "the name ends in .gpkg but the content is something else, or damaged"),
        ("t.shp", "hello", "the name ends in .shp but the content is something else, or damaged"),
        ("t.tab", "hello", ".tab files are not read as places"),
    ],
)
def test_what_is_no_boundary_file_is_named(tmp_path: Path, name: str, content: str, what: str) -> None:
    assert refused(write(tmp_path, content, name))[1] == what


# GeoPackage


def geopackage(folder: Path, *layers: str) -> Path:
    frame = gpd.GeoDataFrame({"name": ["龙田"]}, geometry=[SQUARE], crs="EPSG:4490")
    for layer in layers:
        frame.to_file(folder / "t.gpkg", layer=layer)
    return folder / "t.gpkg"


def test_a_geopackage_with_one_layer_is_read(tmp_path: Path) -> None:
    shapes = read_shapes(geopackage(tmp_path, "grids"))
    assert (shapes.crs, shapes.crs_from, shapes.layers) == ("EPSG:4490", "file", ["grids"])
    assert (shapes.columns.to_pylist(), bounds(shapes)) == ([{"name": "龙田"}], [114.0, 22.0, 114.1, 22.1])


def test_a_geopackage_with_several_layers_is_a_question(tmp_path: Path) -> None:
    path = geopackage(tmp_path, "grids", "estates")
    assert refused(path) == (
        "t.gpkg",
        "the GeoPackage holds 2 layers: grids (Polygon), estates (Polygon)",
        'Set layer in [file], for example layer = "grids".',
    )
    assert read_shapes(path, layer="estates").columns.num_rows == 1
    assert read_shapes(path, file=FileOptions(layer="estates")).columns.num_rows == 1
    assert refused(path, layer="x")[1:] == ("there is no layer 'x'", "Set layer in [file] to one of: grids, estates.")


def test_a_damaged_geopackage_is_refused(tmp_path: Path) -> None:
    path = geopackage(tmp_path, "grids")
    path.write_bytes(path.read_bytes()[:9_000])
    assert refused(path)[1].startswith("the file is damaged (")


# Shapefile


def test_a_shapefile_is_read_with_chinese_names_also_without_cpg(tmp_path: Path) -> None:
    path = shapefile(tmp_path)
    assert read_shapes(path).columns["name"].to_pylist() == ["龙田", "坪山"]
    (tmp_path / "t.cpg").unlink()
    shapes = read_shapes(path)
    assert shapes.columns["name"].to_pylist() == ["龙田", "坪山"]
    assert (shapes.crs, bounds(shapes)) == ("EPSG:4326", [114.0, 22.0, 114.3, 22.1])


def test_a_missing_prj_asks_for_the_crs_and_assumes_nothing(tmp_path: Path) -> None:
    path = shapefile(tmp_path, crs=None)
    assert refused(path) == (
        "t.shp",
        "the file does not say which coordinate system it is in",
        'Set crs = "EPSG:…" in [geometry] of the mapping; whoever made the file knows it (a shapefile says it in a .prj).',
    )
    assert read_shapes(path, crs="EPSG:4490").crs_from == "mapping"


@pytest.mark.parametrize("suffix", [".shx", ".dbf"])
def test_a_missing_part_is_named(tmp_path: Path, suffix: str) -> None:
    path = shapefile(tmp_path)
    path.with_suffix(suffix).unlink()
    assert refused(path)[1] == f"the shapefile comes without its {suffix}"


def zipped(folder: Path, *places: str) -> Path:
    """A zip of one shapefile under each of the given stems."""
    shapefile(folder, name="t")
    with zipfile.ZipFile(folder / "t.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for stem in places:
            for part in sorted(folder.glob("t.*")):
                if part.suffix != ".zip":
                    archive.write(part, f"{stem}{part.suffix.upper()}")
        archive.writestr("readme.txt", "x")
    return folder / "t.zip"


def test_a_zipped_shapefile_under_folders_is_read(tmp_path: Path) -> None:
    shapes = read_shapes(zipped(tmp_path, "data/2024/grids"))
    assert (shapes.layers, shapes.columns["name"].to_pylist()) == (["grids"], ["龙田", "坪山"])


def test_a_zip_with_several_shapefiles_is_a_question(tmp_path: Path) -> None:
    path = zipped(tmp_path, "a/grids", "a/streets")
    assert refused(path) == (
        "t.zip",
        "the zip holds 2 sets of places: grids, streets",
        "Set layer in [file] to the one to read.",
    )
    assert read_shapes(path, layer="streets").columns.num_rows == 2


def test_a_zip_with_an_incomplete_shapefile_is_named(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "t.zip", "w") as archive:
        archive.write(shapefile(tmp_path), "g/grids.shp")
    assert refused(tmp_path / "t.zip")[:2] == (
        "t.zip › g/grids.shp",
        "the shapefile comes without its .shx and .dbf",
    )


def test_a_zip_bomb_of_places_is_stopped(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "t.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("t.shp", bytes(600_000))
        archive.writestr("t.dbf", bytes(600_000))
    assert refused(tmp_path / "t.zip", limits=Limits(unpacked_bytes=1 << 20))[1].startswith("the file unpacks to more")


def test_a_zip_without_places_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "t.zip", "w") as archive:
        archive.writestr("a.jpg", "x")
    assert refused(tmp_path / "t.zip")[1] == "the zip holds no places: a.jpg"


def test_a_virtual_file_in_a_zip_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "t.zip", "w") as archive:
        archive.writestr("g/t.geojson", "<OGRVRTDataSource/>")
    assert refused(tmp_path / "t.zip")[:2] == (
        "t.zip › g/t.geojson",
        "the file is a GDAL virtual file (VRT), which points at other files",
    )


# Names without geometry


def test_a_table_of_names_has_rows_without_geometry(tmp_path: Path) -> None:
    shapes = read_shapes(write(tmp_path, "编号;名称\n1;龙田\n2;坪山\n".encode("gb18030"), "t.csv"))
    assert shapes.columns.to_pylist() == [{"编号": "1", "名称": "龙田"}, {"编号": "2", "名称": "坪山"}]
    assert (list(shapes.geometry), shapes.crs) == ([None, None], "")


@needs_shared
@pytest.mark.parametrize(
    ("name", "how", "rows", "repaired", "box"),
    [
        ("boston-311/neighborhoods.geojson", {}, 26, 1, [-71.1913, 42.2279, -70.9226, 42.397]),
        ("nyc-311/community_districts.geojson", {}, 71, 0, [-74.2556, 40.4961, -73.7, 40.9155]),
        ("pingshan-minsheng/shenzhen_districts.geojson", {}, 10, 0, [113.7463, 22.3993, 114.6235, 22.8648]),
        ("boston-311/tracts2010_households.gpkg", {}, 652, 58, [-71.8986, 41.9849, -70.7817, 42.7371]),
        ("cambridge-parcels/parcels.gpkg", {}, 10_822, 0, [-71.1605, 42.3532, -71.0643, 42.4042]),
        (
            "saopaulo-156/SIRGAS_SHP_distrito_polygon.shp",
            {"crs": "EPSG:31983"},
            96,
            0,
            [-46.8262, -24.0082, -46.3651, -23.3566],
        ),
    ],
)
def test_real_boundaries_come_out_valid(
    name: str, how: dict[str, str], rows: int, repaired: int, box: list[float]
) -> None:
    shapes = read_shapes(SHARED / name, **how)
    assert (len(shapes.geometry), shapes.columns.num_rows, len(shapes.repaired)) == (rows, rows, repaired)
    assert bool(np.all(shapely.is_valid(shapes.geometry)))
    assert bounds(shapes) == pytest.approx(box, abs=0.01)


@needs_shared
def test_sao_paulos_districts_ask_for_their_system() -> None:
    assert refused(SHARED / "saopaulo-156" / "SIRGAS_SHP_distrito_polygon.shp")[1] == (
        "the file does not say which coordinate system it is in"
    )


@needs_shared
def test_helsinkis_layers_are_a_question() -> None:
    assert refused(SHARED / "helsinki-osm" / "helsinki_osm.gpkg")[2] == (
        'Set layer in [file], for example layer = "multipolygons".'
    )


@needs_shared
def test_sao_paulo_zipped_under_a_folder(tmp_path: Path) -> None:
    for part in (SHARED / "saopaulo-156").glob("SIRGAS*"):
        (tmp_path / "z" / "d").mkdir(parents=True, exist_ok=True)
        shutil.copy(part, tmp_path / "z" / "d" / part.name)
    path = Path(shutil.make_archive(str(tmp_path / "sp"), "zip", tmp_path / "z"))
    assert read_shapes(path, crs="EPSG:31983").columns.num_rows == 96
