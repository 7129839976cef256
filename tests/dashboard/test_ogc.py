"""OGC API – Features over the small town, on a real port: as programs ask it, and as GDAL's own driver reads it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
import requests
import shapely
import uvicorn

from dashboard.server import create_app
from data.access import Access
from data.actors import PROGRAM
from data.plans import find_plan
from data.progress import Quiet
from data.settings import Settings
from data.store import Store
from etl.locate import relocate
from layers.reference_systems import CRS84
from tests.dashboard.town import build, square
from tests.data.builder import put

EPSG = "http://www.opengis.net/def/crs/EPSG/0/"


@dataclass
class Live:
    """A running server: its address, its store, and the header of a key of each post."""

    address: str
    store: Store
    keys: dict[str, dict[str, str]]

    def get(self, path: str, who: str = "operator", **params: Any) -> requests.Response:
        """An answer, as a post."""
        asked = {name.replace("_crs", "-crs"): value for name, value in params.items()}
        return requests.get(f"{self.address}/ogc{path}", params=asked, headers=self.keys.get(who), timeout=30)

    def items(self, collection: str, who: str = "operator", **params: Any) -> dict[str, Any]:
        """A page of a collection."""
        answer = self.get(f"/collections/{collection}/items", who, **params)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found


def second_plan(store: Store) -> None:
    """From July 2024 grids G1 and G2 are one, G12; and three lamps stand in the town."""
    plan = find_plan(store, "第二版", date(2024, 7, 1))
    merged = shapely.union_all([square("G1"), square("G2")])
    rows = [
        {"code": "G12", "name": "第12网格", "parent_code": "C1", "households": 400, "geometry": merged.wkb},
        {"code": "G3", "name": "第3网格", "parent_code": "C2", "households": 180, "geometry": square("G3").wkb},
        {"code": "G4", "name": "第4网格", "parent_code": "C3", "households": 250, "geometry": square("G4").wkb},
    ]
    put(store, "grid", rows, plan=plan)
    x, y = square("G3").centroid.coords[0]
    store.writer.run(
        lambda con: con.execute(
            f"""INSERT INTO facility SELECT i, 'L' || i, 'lamp ' || i, 'lamp', (SELECT place_id FROM place WHERE code = 'G3'),
                ST_Point({x} + i / 1000.0, {y}), DATE '0001-01-01', DATE '9999-12-31' FROM range(1, 4) t(i)"""
        ),
        label="lamps",
    ).result()
    relocate(store, Quiet())


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """The application on a free port, over a town with two plans, without a demo's visitor."""
    home = tmp_path_factory.mktemp("ogc") / "var"
    small = Settings(home=home, memory_share=0.1, threads=2, demo_user=False)
    build(small)
    with Store.open(home, small) as store:
        second_plan(store)
    app = create_app(small)
    server = uvicorn.Server(uvicorn.Config(app, port=0, lifespan="on", log_config=None, access_log=False))
    thread = threading.Thread(target=server.run, name="ogc-server")
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive(), app.state.failure
            time.sleep(0.02)
        port = server.servers[0].sockets[0].getsockname()[1]
        store = app.state.desk.store
        access: Access = store.access
        keys = {}
        for role in ("operator", "planner", "unit_handler", "grid_worker"):
            account = access.accounts.add(PROGRAM, name=role, roles=(role,), outside=f"{role}@city")
            keys[role] = {"authorization": f"Bearer {access.tokens.add_key(PROGRAM, role, account)[1]}"}
        yield Live(f"http://127.0.0.1:{port}", store, keys)
    finally:
        server.should_exit = True
        thread.join()


def codes(page: dict[str, Any]) -> list[str]:
    return [one["properties"]["code"] for one in page["features"]]


def rel(page: dict[str, Any], name: str) -> str | None:
    return next((one["href"] for one in page["links"] if one["rel"] == name), None)


def test_the_landing_page_leads_to_everything_else(live: Live) -> None:
    landing = live.get("").json()
    assert [one["rel"] for one in landing["links"]] == ["self", "service-desc", "conformance", "data"]
    assert [live.get(one["href"].partition("/ogc")[2]).status_code for one in landing["links"]] == [200] * 4
    assert [one.rpartition("/conf/")[2] for one in live.get("/conformance").json()["conformsTo"]] == [
        "core", "oas30", "geojson", "crs",
    ]  # fmt: skip


def test_a_person_gets_a_page(live: Live) -> None:
    answer = live.get("", f="html")
    assert answer.headers["content-type"].startswith("text/html")
    assert f"OAPIF:{live.address}/ogc" in answer.text


def test_the_document_says_what_each_collection_may_be_asked(live: Live) -> None:
    answer = live.get("/api")
    assert answer.headers["content-type"] == "application/vnd.oai.openapi+json;version=3.0"
    made = answer.json()
    asked = {one["name"]: one for one in made["paths"]["/collections/grids/items"]["get"]["parameters"]}
    assert sorted(asked) == [
        "after", "bbox", "bbox-crs", "before", "code", "crs", "datetime", "households", "kind", "limit", "name",
    ]  # fmt: skip
    assert (made["openapi"], asked["limit"]["schema"]["maximum"]) == ("3.0.3", 10_000)


def test_collections_name_their_systems_and_extent(live: Live) -> None:
    found = {one["id"]: one for one in live.get("/collections").json()["collections"]}
    assert list(found) == [
        "districts", "streets", "communities", "grids", "micro_grids", "estates", "buildings", "blocks", "plans",
        "plan_grids", "facilities", "events",
    ]  # fmt: skip
    assert found["grids"]["crs"] == [CRS84, *(f"{EPSG}{code}" for code in (4326, 4490, 3857, 4548))]
    assert found["grids"]["extent"]["spatial"]["bbox"] == [[118.3, 35.0, 118.33, 35.02]]
    assert live.get("/collections/grids").json() == found["grids"]


def test_places_are_those_in_force_today_unless_a_moment_is_asked(live: Live) -> None:
    assert codes(live.items("grids")) == ["G3", "G4", "G12"]
    assert codes(live.items("grids", datetime="2024-03-01")) == ["G1", "G2", "G3", "G4"]
    assert codes(live.items("grids", datetime="2024-06-30T15:59:59Z")) == ["G1", "G2", "G3", "G4"]
    assert codes(live.items("grids", datetime="2024-06-30T16:00:00Z")) == ["G3", "G4", "G12"]  # midnight in Shanghai
    assert codes(live.items("grids", datetime="../..")) == ["G1", "G2", "G3", "G3", "G4", "G4", "G12"]
    one = live.items("grids", code="G12")["features"][0]["properties"]
    assert one == {
        "code": "G12", "name": "第12网格", "kind": None, "households": 400, "area_m2": one["area_m2"],
        "parent_id": one["parent_id"], "effective_from": "2024-07-01", "effective_to": None, "parent": "C1",
    }  # fmt: skip


def test_past_and_present_plans_are_there_with_their_grids(live: Live) -> None:
    plans = [one["properties"] for one in live.items("plans")["features"]]
    assert [(one["plan_id"], one["name"], one["status"], one["grids"], one["effective_to"]) for one in plans] == [
        (1, "plan 1", "retired", 4, "2024-07-01"), (2, "第二版", "active", 3, None),
    ]  # fmt: skip
    assert shapely.from_geojson(json.dumps(live.items("plans")["features"][0]["geometry"])).bounds == (
        118.3, 35.0, 118.33, 35.02,
    )  # fmt: skip
    assert codes(live.items("plan_grids", plan_id=1)) == ["G1", "G2", "G3", "G4"]
    assert codes(live.items("plan_grids", datetime="2025-01-01")) == ["G3", "G4", "G12"]
    assert live.items("plan_grids")["numberMatched"] == 7


@pytest.mark.parametrize("limit", [1, 2, 3])
def test_pages_go_forward_and_back_and_miss_nothing(live: Live, limit: int) -> None:
    every = [one["id"] for one in live.items("plan_grids")["features"]]
    page, seen = live.items("plan_grids", limit=limit), []
    assert (page["numberMatched"], rel(page, "prev")) == (7, None)
    while True:
        seen += [one["id"] for one in page["features"]]
        if not (following := rel(page, "next")):
            break
        page = requests.get(following, headers=live.keys["operator"], timeout=30).json()
    assert seen == every
    back = [one["id"] for one in page["features"]]
    while before := rel(page, "prev"):
        page = requests.get(before, headers=live.keys["operator"], timeout=30).json()
        back = [one["id"] for one in page["features"]] + back
    assert back == every


def test_a_box_is_read_in_the_order_of_its_system(live: Live) -> None:
    assert codes(live.items("grids", bbox="118.325,35.001,118.326,35.002")) == ["G4"]
    assert codes(live.items("grids", bbox="118.325,35.001,0,118.326,35.002,9")) == ["G4"]
    assert codes(live.items("grids", bbox="35.001,118.325,35.002,118.326", bbox_crs=f"{EPSG}4326")) == ["G4"]
    north, east = 3875600, 621000  # of the middle of G4 in zone 117, to the kilometre
    x, y = square("G4").centroid.coords[0]
    point = live.items("grids", code="G4", crs=f"{EPSG}4548")["features"][0]["geometry"]["coordinates"][0][0]
    assert abs(point[0] - north) < 3000
    assert abs(point[1] - east) < 3000
    zone = f"{point[0] - 1},{point[1] - 1},{point[0] + 1},{point[1] + 1}"
    assert codes(live.items("grids", bbox=zone, bbox_crs=f"{EPSG}4548")) == ["G4"]
    assert codes(live.items("grids", bbox=f"{x},{y},{x},{y}")) == ["G4"]


def test_shapes_come_in_the_system_asked_and_say_so(live: Live) -> None:
    plain = live.get("/collections/grids/items", code="G3")
    assert plain.headers["content-crs"] == f"<{CRS84}>"
    assert plain.json()["features"][0]["geometry"]["coordinates"][0][0] == [118.32, 35.0]
    turned = live.get("/collections/grids/items", code="G3", crs=f"{EPSG}4490")
    assert turned.headers["content-crs"] == f"<{EPSG}4490>"
    assert turned.json()["features"][0]["geometry"]["coordinates"][0][0] == [35.0, 118.32]
    mercator = live.get("/collections/grids/items", code="G3", crs=f"{EPSG}3857").json()["features"][0]
    assert mercator["geometry"]["coordinates"][0][0] == [13171322.1507, 4163881.1441]


def test_one_feature_has_its_own_address(live: Live) -> None:
    page = live.items("plan_grids", plan_id=2, code="G3")
    one = live.get(f"/collections/plan_grids/items/{page['features'][0]['id']}").json()
    assert one["properties"] == page["features"][0]["properties"]
    assert rel(one, "collection") == f"{live.address}/ogc/collections/plan_grids"
    assert live.get("/collections/grids/items/999999").status_code == 404
    assert live.get("/collections/grids/items/G3").status_code == 404
    assert live.get("/collections/nothing/items").status_code == 404


@pytest.mark.parametrize(
    ("params", "where"),
    [
        ({"limit": "0"}, "limit"), ({"limit": "ten"}, "limit"), ({"limit": "-1"}, "limit"), ({"bbox": "1,2,3"}, "bbox"),
        ({"bbox": "1,2,x,4"}, "bbox"), ({"bbox": "118,36,119,35"}, "bbox"), ({"bbox": "nan,1,2,3"}, "bbox"),
        ({"crs": "EPSG:4326"}, "crs"), ({"bbox_crs": f"{EPSG}4547", "bbox": "1,2,3,4"}, "bbox-crs"),
        ({"datetime": "yesterday"}, "datetime"), ({"datetime": "2025-01-01/2024-01-01"}, "datetime"),
        ({"datetime": "2025-02-30"}, "datetime"), ({"households": "many"}, "households"), ({"colour": "red"}, "colour"),
        ({"after": "x"}, "after"), ({"code": ["G1", "G2"]}, "code"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_said(live: Live, params: dict[str, Any], where: str) -> None:
    answer = live.get("/collections/grids/items", **params)
    assert answer.headers["content-type"] == "application/problem+json"
    told = answer.json()
    assert (answer.status_code, told["status"], told["detail"].partition(":")[0]) == (400, 400, where)


def test_a_limit_above_the_most_is_the_most(live: Live) -> None:
    assert live.items("grids", limit="99999")["numberReturned"] == 3


def test_single_events_are_for_posts_that_may_export_them(live: Live) -> None:
    for who in ("operator", "planner"):
        page = live.items("events", who)
        assert (page["numberMatched"], sum(one["geometry"] is None for one in page["features"])) == (24, 1)
    one = live.items("events", number="G2-00")["features"][0]
    assert (one["geometry"]["type"], one["properties"]["grid"], one["properties"]["located"]) == (
        "Point",
        "G12",
        "point",
    )
    assert live.items("events", category="占道经营")["numberMatched"] == 21
    assert live.items("events", datetime="2024-03-01")["numberMatched"] == 3
    live.store.writer.run(lambda _con: None, quiet=True).result()
    logged = live.store.rows("SELECT detail FROM audit WHERE action = 'export' AND by_role = 'planner'")
    assert [json.loads(row["detail"])["what"] for row in logged] == ["/ogc/collections/events/items"]


def test_below_that_events_come_as_counts_that_add_up(live: Live) -> None:
    for who in ("unit_handler", "grid_worker"):
        page = live.items("events", who)
        told = [(one["properties"]["code"], one["properties"]["reported"]) for one in page["features"]]
        assert told == [(None, 1), ("G3", 3), ("G4", 0), ("G12", 20)]
        assert {one["geometry"]["type"] for one in page["features"] if one["geometry"]} == {"Polygon"}
    assert live.get("/collections/events/items", "grid_worker", number="G2-00").status_code == 400
    assert live.items("events", "grid_worker", datetime="2024-03-01", code="G12")["features"][0]["properties"] == {
        "code": "G12", "name": "第12网格", "reported": 2, "closed": 2, "overdue": 0,
    }  # fmt: skip


def test_facilities_say_where_they_stand(live: Live) -> None:
    page = live.items("facilities", kind="lamp", limit=2)
    assert [one["properties"]["place"] for one in page["features"]] == ["G3", "G3"]
    assert page["numberMatched"] == 3


def test_nobody_and_walls_get_nothing(live: Live) -> None:
    assert live.get("/collections/grids/items", "nobody").status_code == 401


READ = """
import json, sys
import pyogrio
address, layer, where = sys.argv[1:4]
options = {"where": where} if where else {}
meta, table = pyogrio.read_arrow("OAPIF:" + address, layer=layer, **options)
listed = [str(name) for name, _kind in pyogrio.list_layers("OAPIF:" + address)]
info = pyogrio.read_info("OAPIF:" + address, layer=layer)
rows = sorted(table.column("code").to_pylist(), key=str) if "code" in table.column_names else table.num_rows
print(json.dumps({"layers": listed, "crs": meta["crs"], "n": info["features"], "rows": rows}))
"""


@pytest.fixture(scope="module")
def gdal(live: Live) -> Callable[..., Any]:
    """GDAL's driver in a process of its own: here it is switched off (etl/gdal.py)."""

    def read(layer: str, where: str = "", who: str = "operator", **options: str) -> Any:
        plain = {name: value for name, value in os.environ.items() if name != "GDAL_SKIP"}
        key = live.keys[who]["authorization"].removeprefix("Bearer ") if who in live.keys else "none"
        done = subprocess.run(
            [sys.executable, "-c", READ, f"{live.address}/ogc", layer, where],
            env={**plain, "GDAL_HTTP_AUTH": "BEARER", "GDAL_HTTP_BEARER": key, "NO_PROXY": "127.0.0.1", **options},
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        return json.loads(done.stdout) if done.returncode == 0 else done.stderr

    return read


def test_gdal_opens_lists_counts_and_pages(gdal: Callable[..., Any], live: Live) -> None:
    found = gdal("plan_grids", OGR_PAGE_SIZE="2")
    assert found["rows"] == ["G1", "G12", "G2", "G3", "G3", "G4", "G4"]
    assert (found["n"], len(found["layers"])) == (7, 12)
    assert 'AUTHORITY["OGC","CRS84"]' in found["crs"]
    assert gdal("plan_grids", "plan_id = 2")["rows"] == ["G12", "G3", "G4"]


def test_gdal_reads_events_as_its_post_may(gdal: Callable[..., Any]) -> None:
    assert gdal("events")["rows"] == 24
    assert gdal("events", who="grid_worker")["rows"] == ["G12", "G3", "G4", None]
    assert "401" in gdal("events", who="nobody")


QGIS = """
import sys
from qgis.core import QgsApplication, QgsVectorLayer
app = QgsApplication([], False)
app.initQgis()
layer = QgsVectorLayer(f"url='{sys.argv[1]}' typename='plan_grids' pageSize='2'", "plan", "OAPIF")
assert layer.isValid(), layer.error().message()
print(sorted(f["code"] for f in layer.getFeatures()), layer.crs().authid())
layer = None
app.exitQgis()
"""


@pytest.mark.soak
def test_qgis_opens_the_grids_of_every_plan(live: Live) -> None:
    python = "/usr/bin/python3"
    if subprocess.run([python, "-c", "import qgis.core"], capture_output=True, check=False).returncode:
        pytest.skip("QGIS is not installed; on Debian: apt-get install python3-qgis")
    key = live.keys["operator"]["authorization"].removeprefix("Bearer ")
    done = subprocess.run(
        [python, "-c", QGIS, f"{live.address}/ogc?api_key={key}"],
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen", "NO_PROXY": "127.0.0.1"},
        capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    assert "['G1', 'G12', 'G2', 'G3', 'G3', 'G4', 'G4']" in done.stdout, done.stderr
