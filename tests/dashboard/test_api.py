"""What other programs ask: batches, pictures, Open311. Over a town of its own, because it opens cases in it."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pytest
from PIL import Image
from starlette.testclient import TestClient

from dashboard.server import create_app
from data.actors import PROGRAM
from data.responsibilities import CATEGORIES, UNITS, put_categories, put_units
from data.settings import Settings
from data.store import Store
from tests.dashboard.conftest import HERE
from tests.dashboard.posts import access_of, session
from tests.dashboard.town import build, square

BATCH = "/api/v1/cases:batch"
X, Y = square("G1").centroid.coords[0]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """The application over a town with categories and units, without a demo's visitor."""
    home = tmp_path_factory.mktemp("api") / "var"
    settings = Settings(
        home=home, memory_share=0.1, threads=2, body_kilobytes=16, demo_user=False, open311_per_minute=10_000
    )
    build(settings)
    with Store.open(home, settings) as store:
        unit = {"kind": "department", "level": "street", "place_id": None}
        put_units(store, pa.Table.from_pylist([{"code": "U1", "name": "管网中队", **unit}], schema=UNITS))
        rows = [
            {"code": "pipes", "name": "管网", "track": "livelihood"},
            {"code": "leak", "name": "漏水", "parent_code": "pipes", "sla_hours": 16.0, "sla_clock": "working"},
        ]
        put_categories(store, pa.Table.from_pylist(rows, schema=CATEGORIES))
    with TestClient(create_app(settings), base_url=HERE) as made:
        yield made


@pytest.fixture(scope="module")
def keys(server: TestClient) -> dict[str, dict[str, str]]:
    """The header of a key of a post: by the post's name."""
    access, made = access_of(server), {}
    for name, roles in {
        "desk": ("operator", "dispatcher"), "east": ("operator@S2",), "reader": ("planner",),
    }.items():  # fmt: skip
        account = access.accounts.add(PROGRAM, name=name, roles=roles, outside=f"{name}@city")
        made[name] = {"authorization": f"Bearer {access.tokens.add_key(PROGRAM, name, account)[1]}"}
    return made


def send(server: TestClient, key: dict[str, str], *lines: dict[str, Any] | bytes) -> list[dict[str, Any]]:
    body = b"\n".join(line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines)
    answer = server.post(BATCH, content=body, headers=key)
    assert answer.status_code == 200, answer.text
    return [json.loads(line) for line in answer.text.splitlines()]


def leak(key: str, **says: Any) -> dict[str, Any]:
    return {"key": key, "open": "event", "category": "leak", "lon": X, "lat": Y, **says}


def row(server: TestClient, case_id: int) -> dict[str, Any]:
    store: Store = server.app.state.desk.store  # type: ignore[attr-defined]
    return store.rows(
        """SELECT c.*, g.code AS grid, n.body AS note FROM cases c LEFT JOIN case_place p USING (case_id)
           LEFT JOIN place g ON g.place_id = p.grid_id
           LEFT JOIN transition t ON t.case_id = c.case_id AND t.seq = 1 LEFT JOIN note n USING (note_id)
           WHERE c.case_id = ? ORDER BY p.atlas_id DESC""",
        [case_id],
    )[0]


def test_a_batch_opens_and_moves_cases_and_answers_line_by_line(server: TestClient, keys: dict[str, Any]) -> None:
    opened, broken, nothing = send(
        server,
        keys["desk"],
        leak("a1", note="三楼漏水，电话13912345678"),
        b"{",
        {"key": "a3", "move": "x", "case": 10**9},
    )
    case = opened["case"]
    assert opened == {
        "line": 1, "key": "a1", "status": 201, "case": case, "number": opened["number"], "seq": 1, "action": "reported",
        "recorded_at": opened["recorded_at"],
    }  # fmt: skip
    assert opened["number"].endswith(f"-{case}")
    assert (broken["line"], broken["status"], broken["error"]["error"]) == (2, 422, "InputError")
    assert (nothing["status"], nothing["error"]["error"]) == (404, "NotFound")
    kept = row(server, case)
    assert (kept["grid"], kept["lon"], kept["note"]) == ("G1", X, "三楼漏水，电话[电话]")
    assert kept["flags"] == 8192  # MASKED_TEXT
    moved, stale = send(
        server, keys["desk"],
        {"key": "a4", "move": "register", "case": case, "seq": 1, "urgency": "urgent"},
        {"key": "a5", "move": "annotate", "case": case, "seq": 1, "note": "x"},
    )  # fmt: skip
    assert (moved["status"], moved["seq"], moved["action"]) == (200, 2, "registered")
    assert (stale["status"], stale["error"]["error"]) == (409, "StaleMove")


def test_the_same_key_is_done_once_and_belongs_to_its_sender(server: TestClient, keys: dict[str, Any]) -> None:
    first, again = send(server, keys["desk"], leak("b1"), leak("b1"))
    [later] = send(server, keys["desk"], leak("b1"))
    assert first["case"] == again["case"] == later["case"]
    east = square("G4").centroid.coords[0]
    [other] = send(server, keys["east"], leak("b1", lon=east[0], lat=east[1]))
    assert (other["status"], other["case"] == first["case"]) == (201, False)


def test_a_key_used_for_another_case_fails_alone(server: TestClient, keys: dict[str, Any]) -> None:
    [one], [two] = send(server, keys["desk"], leak("c1")), send(server, keys["desk"], leak("c2"))
    note = {"move": "annotate", "note": "x"}
    before, used, after = send(
        server, keys["desk"],
        {"key": "c3", "case": one["case"], **note}, {"key": "c1", "case": two["case"], **note},
        {"key": "c4", "case": two["case"], **note},
    )  # fmt: skip
    assert [line["status"] for line in (before, used, after)] == [200, 403, 200]


def test_a_place_decides_who_may_open(server: TestClient, keys: dict[str, Any]) -> None:
    [refused] = send(server, keys["east"], leak("d1"))
    assert (refused["status"], refused["error"]["error"]) == (403, "Refused")
    [refused] = send(server, keys["reader"], leak("d2"))
    assert refused["status"] == 403


def test_a_number_of_another_system_opens_one_case(server: TestClient, keys: dict[str, Any]) -> None:
    there = {"source": "12345", "number": "N-7"}
    first, second = send(server, keys["desk"], leak("e1", **there), leak("e2", **there))
    [third] = send(server, keys["desk"], leak("e3", **there))
    [again] = send(server, keys["desk"], leak("e1", **there))
    assert (first["number"], first["status"], again["case"]) == ("N-7", 201, first["case"])
    assert [second["status"], third["status"]] == [403, 403]
    assert third["error"]["where"] == f"12345 N-7: {first['case']}"


@pytest.mark.parametrize(
    ("says", "where"),
    [
        ({"lat": None}, "event"),
        ({"category": "nothing"}, "category nothing"),
        ({"unit": "U9"}, "unit U9"),
        ({"urgency": "soon"}, "urgency"),
        ({"evidence": ["../../etc/passwd"]}, "evidence ../../etc/passwd"),
        ({"occurred_at": "2024-03-01T10:00:00"}, "occurred_at"),
        ({"occurred_at": "0001-01-01T00:00:00+08:00"}, "occurred_at"),
        ({"place": {"planet": "x"}}, "place.planet.[key]"),
        ({"colour": "red"}, "colour"),
        ({"note": "\ud800"}, ""),
    ],
)
def test_a_line_that_cannot_be_taken_says_where(
    server: TestClient, keys: dict[str, Any], says: dict[str, Any], where: str
) -> None:
    [line] = send(server, keys["desk"], leak(f"f{where}{says}"[:200], **says))
    assert (line["status"], line["error"]["error"]) == (422, "InputError")
    assert line["error"]["where"].startswith(where)


def test_an_address_gives_the_place_and_is_not_kept(server: TestClient, keys: dict[str, Any]) -> None:
    lost, found = send(
        server, keys["desk"],
        leak("g1", lon=None, lat=None, address="某处"), leak("g2", lon=None, lat=None, address="青松社区某处"),
    )  # fmt: skip
    assert (lost["status"], lost["error"]["where"]) == (422, "address")
    assert found["status"] == 201
    kept = row(server, found["case"])
    assert (kept["named_place"], kept["lon"]) == ("community=C1", None)


def test_nobody_without_a_key_and_no_batch_too_large(server: TestClient, keys: dict[str, Any]) -> None:
    assert server.post(BATCH, content=b"{}").status_code == 401
    assert server.post(BATCH, content=b"{}", headers={"authorization": "Bearer jw-key-x"}).status_code == 401
    assert server.post(BATCH, content=b"{}\n" * 5001, headers=keys["desk"]).status_code == 422
    assert server.post(BATCH, content=b" " * (8 * 1024 * 1024 + 1), headers=keys["desk"]).status_code == 413
    assert server.post(BATCH, content=b"", headers=keys["desk"]).text == ""


def photo(kind: str = "JPEG", size: tuple[int, int] = (60, 40), **options: Any) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "navy").save(out, kind, **options)
    return out.getvalue()


def test_a_picture_is_kept_as_evidence_and_shown(server: TestClient, keys: dict[str, Any]) -> None:
    kept = server.post("/api/v1/attachments", content=photo("PNG"), headers=keys["desk"])
    name = kept.json()["name"]
    assert (kept.status_code, kept.json()["width"], kept.headers["location"]) == (201, 60, f"/attachments/{name}")
    [line] = send(server, keys["desk"], leak("h1", evidence=[name]))
    assert line["status"] == 201
    shown = server.get(f"/attachments/{name}", headers=keys["reader"])
    assert (shown.status_code, shown.headers["content-type"]) == (200, "image/jpeg")
    assert Image.open(io.BytesIO(shown.content)).size == (60, 40)
    assert server.get(f"/attachments/{name}").status_code == 401
    assert server.get(f"/attachments/{name}", headers=session(server, "leader")).status_code == 200


def test_what_is_no_picture_is_refused(server: TestClient, keys: dict[str, Any]) -> None:
    for content in (b"", b"<svg/>", photo("GIF"), photo()[:200]):
        assert server.post("/api/v1/attachments", content=content, headers=keys["desk"]).status_code == 422
    for name in ("..%2Fjingwei.duckdb", "0" * 32 + ".jpg", "x"):
        assert server.get(f"/attachments/{name}", headers=keys["desk"]).status_code == 404


def test_the_api_describes_itself_without_another_host(server: TestClient, keys: dict[str, Any]) -> None:
    said = server.get("/api/v1/openapi.json", headers=keys["reader"]).json()
    assert sorted(said["paths"]) == [
        "/api/v1/attachments", BATCH, "/attachments/{name}", "/open311/discovery.{form}", "/open311/v2/requests.{form}",
        "/open311/v2/requests/{request_id}.{form}", "/open311/v2/services.{form}",
        "/open311/v2/services/{code}.{form}", "/open311/v2/tokens/{token}.{form}",
    ]  # fmt: skip
    assert "https:" not in json.dumps(said)
