"""The pages the map's bench looks at: ours, dash-leaflet's GeoJSON layer, MapLibre with feature-state. One server, one set of polygons."""

from __future__ import annotations

import gzip
import json
import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dash_leaflet as dl
import numpy as np
import shapely
import uvicorn
from dash import ClientsideFunction, Dash, Input, Output, State, dcc, html
from fastapi import FastAPI
from starlette.responses import HTMLResponse, Response
from starlette.staticfiles import StaticFiles

from dashboard.shell import APART
from layers import worker
from layers.codec import encode

ROOT = Path(__file__).parents[2]
WEST, SOUTH, WIDE, HIGH = 118.2, 34.9, 0.36, 0.2
COLOURS = ["#16283B", "#1F4B73", "#2C77B0", "#5AA9DE", "#B7E0FA"]


def polygons(n: int, seed: int = 1) -> Any:
    """n bent cells that tile a district of 33 by 22 km: eight points each, shared with the neighbours."""
    across = int(np.ceil(np.sqrt(n * 16 / 9)))
    down = int(np.ceil(n / across))
    rng = np.random.default_rng(seed)
    step = np.array([WIDE / across, HIGH / down])
    line, column = np.mgrid[0 : down + 1, 0 : across + 1]
    corner = np.stack([column, line], -1) + rng.uniform(-0.3, 0.3, (down + 1, across + 1, 2))
    level = (corner[:, :-1] + corner[:, 1:]) / 2 + rng.uniform(-0.08, 0.08, (down + 1, across, 2))
    upright = (corner[:-1] + corner[1:]) / 2 + rng.uniform(-0.08, 0.08, (down, across + 1, 2))
    r, c = np.divmod(np.arange(n), across)
    ring = [
        corner[r, c], level[r, c], corner[r, c + 1], upright[r, c + 1],
        corner[r + 1, c + 1], level[r + 1, c], corner[r + 1, c], upright[r, c], corner[r, c],
    ]  # fmt: skip
    return shapely.polygons(np.stack(ring, 1) * step + [WEST, SOUTH])


def geojson(shapes: Any) -> bytes:
    """The same polygons for the others, six decimals."""
    drawn = shapely.transform(shapes, lambda xy: np.round(xy, 6))
    features = [
        f'{{"type":"Feature","id":{i},"properties":{{"i":{i}}},"geometry":{text}}}'
        for i, text in enumerate(shapely.to_geojson(drawn).tolist())
    ]
    return gzip.compress(f'{{"type":"FeatureCollection","features":[{",".join(features)}]}}'.encode(), 5)


@dataclass
class Pages:
    """A running server."""

    address: str
    n: int
    size: int  # bytes of our geometry
    maplibre: bool


def maplibre(folder: Path) -> bool:
    """Put MapLibre into the folder by npm; whether that was possible."""
    npm = shutil.which("npm")
    if npm is None:
        return False
    done = subprocess.run(
        [npm, "install", "--no-audit", "--no-fund", "--ignore-scripts", "maplibre-gl@5"],
        cwd=folder,
        capture_output=True,
        timeout=180,
        check=False,
    )
    return done.returncode == 0 and (folder / "node_modules/maplibre-gl/dist/maplibre-gl.js").exists()


def zipped(content: bytes, kind: str) -> Response:
    """Gzipped bytes as a browser takes them."""
    return Response(content, media_type=kind, headers={"content-encoding": "gzip", "cache-control": "no-store"})


def program(server: FastAPI, name: str) -> Dash:
    """A page with the program's own scripts."""
    return Dash(
        name,
        server=server,
        assets_folder=str(ROOT / "assets"),
        assets_path_ignore=[*APART],
        serve_locally=True,
        compress=False,
        url_base_pathname=f"/{name}/",
    )


def shown_data(n: int) -> dict[str, Any]:
    """What a map is told of the polygons; their values are to come."""
    return {
        "address": "/cells.bin",
        "names": "/names.json",
        "worker": worker.address(),
        "n": n,
        "colours": {"dark": COLOURS, "light": COLOURS},
        "bounds": [WEST, SOUTH, WEST + WIDE, SOUTH + HIGH],
        "texts": {"none": "-", "few": ""},
        "figure": {"name": "f", "unit": "cases", "word": ""},
    }


def ours(server: FastAPI, n: int) -> None:
    """Our page: its store and its clientside callback."""
    app, data = program(server, "ours"), shown_data(n)
    shown = dl.Map(id="map", center=[35, 118.38], zoom=12, zoomControl=False, zoomSnap=0.25, style={"height": "100vh"})
    app.layout = html.Div([dcc.Store(id="values"), dcc.Store(id="first", data=data), shown])
    app.clientside_callback(
        ClientsideFunction("map", "paint"), Input("values", "modified_timestamp"), State("values", "data")
    )


def several(server: FastAPI, n: int) -> None:
    """Two maps on one page; the one with the id "beside" comes and goes with the store "there"."""
    app = program(server, "several")

    def one(name: str) -> dl.Map:
        return dl.Map(id=name, center=[35, 118.38], zoom=12, zoomControl=False, style={"height": "45vh"})

    stores = [dcc.Store(id="there", data=True), dcc.Store(id="first", data=shown_data(n))]
    app.layout = html.Div([*stores, one("map"), html.Div(id="box")])

    @app.callback(Output("box", "children"), Input("there", "data"))
    def show(there: bool) -> dl.Map | None:
        return one("beside") if there else None


def plain(server: FastAPI) -> None:
    """dash-leaflet's GeoJSON layer, its values in hideout: what its documentation shows."""
    app = Dash("plain", server=server, serve_locally=True, compress=False, url_base_pathname="/plain/",
               assets_folder=str(ROOT / "tests/bench/pages/plain"))  # fmt: skip
    layer = dl.GeoJSON(
        id="plain", url="/cells.geojson", hideout={"tick": 0}, style={"variable": "benchFunctions.style"}
    )
    app.layout = html.Div([
        dl.Map(layer, id="map", center=[35, 118.38], zoom=12, preferCanvas=True, style={"height": "100vh"}),
        dcc.Store(id="tick"), html.Div(id="out"),
    ])  # fmt: skip
    app.clientside_callback(
        "function (t) { return { tick: t }; }",
        Output("plain", "hideout"),
        Input("tick", "data"),
        prevent_initial_call=True,
    )


GL = """<!doctype html><link rel=stylesheet href=/maplibre/maplibre-gl.css><body style=margin:0><div id=map style=height:100vh></div>
<script src=/maplibre/maplibre-gl.js></script><script>
const colours = %s;
window.gl = new maplibregl.Map({ container: 'map', center: [118.38, 35], zoom: 11, attributionControl: false, fadeDuration: 0,
  style: { version: 8, sources: { c: { type: 'geojson', data: '/cells.geojson', maxzoom: 14 } },
    layers: [{ id: 'f', type: 'fill', source: 'c',
    paint: { 'fill-color': ['match', ['coalesce', ['feature-state', 'v'], 0], ...colours.flatMap((c, i) => [i, c]), '#000'] } }] } });
gl.fitBounds(%s, { animate: false, padding: 16 });
</script>"""


@contextmanager
def serving(n: int, folder: Path, *, with_maplibre: bool) -> Iterator[Pages]:
    """A server of all three pages over n polygons."""
    shapes = polygons(n)
    cells, listed = encode(shapes), geojson(shapes)
    listing = {"codes": [str(i) for i in range(n)], "names": [f"第{i}微网格" for i in range(n)]}
    names = gzip.compress(json.dumps(listing).encode())
    server = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    ours(server, n)
    several(server, n)
    plain(server)
    box = [[WEST, SOUTH], [WEST + WIDE, SOUTH + HIGH]]
    server.add_api_route("/cells.bin", lambda: zipped(cells, "application/octet-stream"))
    server.add_api_route("/names.json", lambda: zipped(names, "application/json"))
    server.add_api_route("/cells.geojson", lambda: zipped(listed, "application/geo+json"))
    server.add_api_route(worker.address(), lambda: Response(worker.script(), media_type="text/javascript"))
    server.add_api_route("/gl", lambda: HTMLResponse(GL % (json.dumps(COLOURS), json.dumps(box))))
    if with_maplibre:
        server.mount("/maplibre", StaticFiles(directory=folder / "node_modules/maplibre-gl/dist"))
    with socket.create_server(("127.0.0.1", 0)) as taken:
        running = uvicorn.Server(uvicorn.Config(server, log_level="error", ws="none"))
        thread = threading.Thread(target=running.run, kwargs={"sockets": [taken]}, daemon=True)
        thread.start()
        try:
            yield Pages(f"http://127.0.0.1:{taken.getsockname()[1]}", n, len(cells), with_maplibre)
        finally:
            running.should_exit = True
            thread.join(10)
