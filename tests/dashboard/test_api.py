"""What other programs ask: batches, pictures, Open311. Over a town of its own, because it opens cases in it."""

from __future__ import annotations

import io
import json
import threading
from collections.abc import Iterator
from hashlib import sha256
from typing import Any
from urllib.parse import quote, urlencode
from xml.etree import ElementTree as ET

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from PIL import Image
from starlette.testclient import TestClient

from dashboard.api.pace import Pace
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
    small = Settings(
        home=home, memory_share=0.1, threads=2, body_kilobytes=16, demo_user=False, open311_per_minute=10_000
    )
    build(small)
    with Store.open(home, small) as store:
        unit = {"kind": "department", "level": "street", "place_id": None}
        put_units(store, pa.Table.from_pylist([{"code": "U1", "name": "管网中队", **unit}], schema=UNITS))
        rows = [
            {"code": "pipes", "name": "管网", "track": "livelihood"},
            {"code": "leak", "name": "漏水", "parent_code": "pipes", "sla_hours": 16.0, "sla_clock": "working"},
        ]
        put_categories(store, pa.Table.from_pylist(rows, schema=CATEGORIES))
    with TestClient(create_app(small), base_url=HERE) as made:
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
    return [json.loads(line) for line in answer.content.splitlines()]


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
        "/api/v1/attachments", BATCH, "/api/v1/warnings", "/attachments/{name}", "/open311/discovery.{form}", "/open311/v2/requests.{form}",
        "/open311/v2/requests/{request_id}.{form}", "/open311/v2/services.{form}",
        "/open311/v2/services/{code}.{form}", "/open311/v2/tokens/{token}.{form}",
    ]  # fmt: skip
    assert "https:" not in json.dumps(said)


V2 = "/open311/v2"


def ask(server: TestClient, key: dict[str, str], path: str, **query: str) -> Any:
    answer = server.get(f"{V2}/{path}.json", params=query, headers=key)
    assert answer.headers["content-type"] == "application/json; charset=utf-8"
    return answer.json() if answer.status_code == 200 else (answer.status_code, answer.json()[0]["description"])


def test_open311_lists_services_and_their_definition(server: TestClient, keys: dict[str, Any]) -> None:
    listed = {one["service_code"]: one for one in ask(server, keys["reader"], "services")}
    assert listed["leak"] == {
        "service_code": "leak", "service_name": "漏水", "description": "管网 / 漏水", "metadata": True,
        "type": "realtime", "keywords": "livelihood", "group": "管网",
    }  # fmt: skip
    assert "pipes" not in listed
    said = ask(server, keys["reader"], "services/leak")
    assert [(one["code"], one["variable"], one["datatype"]) for one in said["attributes"]] == [
        ("urgency", True, "singlevaluelist"), ("time_allowed", False, "string")
    ]  # fmt: skip
    assert [value["key"] for value in said["attributes"][0]["values"]] == ["normal", "urgent", "emergency"]
    assert said["attributes"][1]["description"] == "时限（小时）: 16 (工作时间)"
    assert ask(server, keys["reader"], "services/nothing") == (404, "service_code was not found (nothing)")


def made(server: TestClient, key: dict[str, str], form: str = "json", **given: str) -> Any:
    return server.post(f"{V2}/requests.{form}", data=given, headers=key)


def test_open311_makes_a_request_and_shows_it_without_who_made_it(server: TestClient, keys: dict[str, Any]) -> None:
    answer = made(
        server, keys["desk"], service_code="leak", lat=str(Y), long=str(X), description="水管爆了，找我13912345678",
        first_name="Zhang", last_name="San", phone="13912345678", email="z@example.org",
    )  # fmt: skip
    assert answer.status_code == 201
    [told] = answer.json()
    number = told["service_request_id"]
    send(server, keys["desk"], {"key": f"o{number}", "move": "register", "case": int(number)})
    [shown] = ask(server, keys["reader"], f"requests/{number}", extensions="true")
    case = row(server, int(number))
    assert (shown["status"], shown["status_notes"], shown["service_code"]) == ("open", "已立案", "leak")
    assert (shown["description"], shown["lat"], shown["long"]) == ("水管爆了，找我[电话]", Y, X)
    assert shown["expected_datetime"][:10] == case["due_at"].astimezone(_zone(server)).isoformat()[:10]
    extra = shown["extended_attributes"]
    assert (extra["grid"], extra["grid_name"], extra["street"]) == ("G1", "第1网格", "S1")
    assert (extra["number"], extra["deadline"]) == (case["external_id"], shown["expected_datetime"])
    store: Store = server.app.state.desk.store  # type: ignore[attr-defined]
    kept = json.dumps(store.rows("SELECT * FROM note"), default=str) + json.dumps(
        store.rows("SELECT payload FROM transition")
    )
    assert not any(word in kept for word in ("Zhang", "13912345678", "example.org"))


def _zone(server: TestClient) -> Any:
    return server.app.state.desk.store.zone  # type: ignore[attr-defined]


def test_open311_speaks_xml(server: TestClient, keys: dict[str, Any]) -> None:
    answer = made(
        server, keys["desk"], "xml", service_code="leak", lat=str(Y), long=str(X), description="a & b \x01 <c>"
    )
    assert (answer.status_code, answer.headers["content-type"]) == (201, "text/xml; charset=utf-8")
    number = ET.fromstring(answer.content).findtext("request/service_request_id")
    shown = server.get(f"{V2}/requests/{number}.xml", headers=keys["reader"])
    assert shown.text.startswith('<?xml version="1.0" encoding="utf-8"?>\n<service_requests><request>')
    assert ET.fromstring(shown.content).findtext("request/description") == "a & b  <c>"
    listed = ET.fromstring(server.get(f"{V2}/services.xml", headers=keys["reader"]).content)
    assert "leak" in [one.findtext("service_code") for one in listed.findall("service")]
    said = ET.fromstring(server.get(f"{V2}/services/leak.xml", headers=keys["reader"]).content)
    assert said.findtext("attributes/attribute/values/value/key") == "normal"
    wrong = server.get(f"{V2}/requests/x.xml", headers=keys["reader"])
    assert (wrong.status_code, ET.fromstring(wrong.content).findtext("error/code")) == (404, "404")


def test_open311_sent_twice_under_one_key_is_one_request_and_its_token_leads_to_it(
    server: TestClient, keys: dict[str, Any]
) -> None:
    given = {"service_code": "leak", "lat": str(Y), "long": str(X)}
    twice = [made(server, {**keys["desk"], "idempotency-key": "k1"}, **given).json() for _ in range(2)]
    assert twice[0] == twice[1]
    token = sha256(b"k1").hexdigest()[:32]
    number = twice[0][0]["service_request_id"]
    assert ask(server, keys["desk"], f"tokens/{token}") == [{"service_request_id": number, "token": token}]
    assert ask(server, keys["reader"], f"tokens/{token}") == (404, f"the token was not found ({token})")


def test_open311_answers_with_a_token_while_the_writer_is_busy(
    server: TestClient, keys: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dashboard.api.open311.PATIENCE", 0.05)
    store: Store = server.app.state.desk.store  # type: ignore[attr-defined]
    gate = threading.Event()
    busy = store.writer.run(lambda _con: gate.wait(20), quiet=True)
    try:
        [told] = made(server, keys["desk"], service_code="leak", lat=str(Y), long=str(X)).json()
        pending = ask(server, keys["desk"], f"tokens/{told['token']}")
    finally:
        gate.set()
    assert pending == [{"service_request_id": None, "token": told["token"]}]
    busy.result()
    store.writer.run(lambda _con: None, quiet=True).result()
    [found] = ask(server, keys["desk"], f"tokens/{told['token']}")
    assert row(server, int(found["service_request_id"]))["grid"] == "G1"


def test_open311_filters(server: TestClient, keys: dict[str, Any]) -> None:
    key = keys["reader"]
    march = {"start_date": "2024-03-01T00:00:00+08:00", "end_date": "2024-03-31T00:00:00+08:00"}
    assert len(ask(server, key, "requests", **march)) == 24
    assert len(ask(server, key, "requests", **march, status="closed")) == 15
    assert len(ask(server, key, "requests", **march, status="open,closed")) == 24
    assert len(ask(server, key, "requests", start_date="2024-03-10T00:00:00Z", end_date="2024-03-20T00:00:00Z")) == 2
    lamps = {one["service_code"] for one in ask(server, key, "requests", **march) if one["service_name"] == "=路灯"}
    assert len(ask(server, key, "requests", **march, service_code=",".join(lamps))) == 3
    assert all(one["description"] is None for one in ask(server, key, "requests", **march))  # the hotline's own text
    ids = [one["service_request_id"] for one in ask(server, key, "requests", **march)][:2]
    assert len(ask(server, key, "requests", service_request_id=",".join(ids), status="closed", start_date="x")) == 2
    assert {one["service_code"] for one in ask(server, key, "requests")} == {"leak"}  # of the last 90 days
    assert ask(server, key, "requests", start_date="2024-01-01T00:00:00Z", end_date="2024-06-01T00:00:00Z")[0] == 400
    for wrong in ({"start_date": "yesterday"}, {"end_date": "2024-01-01T00:00:00"}, {"status": "new"}):
        assert ask(server, key, "requests", **wrong)[0] == 400


@pytest.mark.parametrize(
    ("given", "status", "what"),
    [
        ({}, 400, "service_code was not provided"),
        ({"service_code": "x", "lat": "1", "long": "1"}, 404, "service_code was not found"),
        ({"service_code": "leak"}, 400, "a location was not provided"),
        ({"service_code": "leak", "lat": "35"}, 400, "lat and long go together"),
        ({"service_code": "leak", "lat": "north", "long": "1"}, 400, "lat"),
        ({"service_code": "leak", "address_id": "x"}, 404, "address_id was not found"),
        ({"service_code": "leak", "address_string": "某处"}, 400, "the address names no place surely"),
        ({"service_code": "leak", "lat": "1", "long": "1", "description": "x" * 4001}, 400, "description is longer"),
        ({"service_code": "leak", "lat": "1", "long": "1", "jurisdiction_id": "x"}, 404, "jurisdiction_id was not"),
        ({"service_code": "leak", "lat": "1", "long": "1", "attribute[urgency]": "x"}, 400, "there is no such urgency"),
    ],
)
def test_open311_says_what_is_wrong_in_the_standards_shape(
    server: TestClient, keys: dict[str, Any], given: dict[str, str], status: int, what: str
) -> None:
    answer = made(server, keys["desk"], **given)
    [error] = answer.json()
    assert (answer.status_code, error["code"]) == (status, status)
    assert error["description"].startswith(what)


def test_open311_takes_its_key_as_api_key_too_and_refuses_without(server: TestClient, keys: dict[str, Any]) -> None:
    secret = keys["desk"]["authorization"].removeprefix("Bearer ")
    given = {"service_code": "leak", "address_id": "G1"}
    assert made(server, {}, **given, api_key=secret).status_code == 201
    assert ask(server, {}, "services", api_key=secret, jurisdiction_id="990101")
    for answer in (made(server, {}, **given), made(server, {}, **given, api_key="jw-key-x")):
        assert (answer.status_code, answer.json()) == (
            403, [{"code": 403, "description": "api_key is missing or not valid"}]
        )  # fmt: skip
    assert made(server, keys["reader"], **given).status_code == 403
    found = server.get("/open311/discovery.json", headers=keys["reader"]).json()
    assert found["endpoints"][0]["url"] == f"{HERE}/open311/v2"


def test_a_sender_is_slowed_down_alone() -> None:
    now = [0.0]
    pace = Pace(2, lambda: now[0])
    assert [pace.wait("a"), pace.wait("a"), pace.wait("a"), pace.wait("b")] == [0.0, 0.0, 60.0, 0.0]
    now[0] = 60.0
    assert pace.wait("a") == 0.0


def test_points_are_judged_as_an_import_judges_them(server: TestClient, keys: dict[str, Any]) -> None:
    outside, zero = send(
        server, keys["desk"],
        leak("p2", lon=10, lat=10), leak("p3", lon=0, lat=0, place={"grid": "G4"}),
    )  # fmt: skip
    assert (row(server, outside["case"])["flags"], row(server, outside["case"])["grid"]) == (64, None)
    kept = row(server, zero["case"])
    assert (kept["flags"], kept["lon"], kept["grid"]) == (32, None, "G4")


@pytest.mark.parametrize("examples", [6, pytest.param(300, marks=pytest.mark.soak)])
def test_nothing_that_fits_the_document_makes_a_fault(
    server: TestClient, keys: dict[str, Any], examples: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    import schemathesis  # takes a second to load, which the other tests need not wait for

    monkeypatch.setattr("dashboard.api.pace.Pace.wait", lambda _pace, _sender: 0.0)
    said = server.get("/api/v1/openapi.json", headers=keys["desk"]).json()
    del said["security"]  # or it would make up keys
    body = said["paths"][BATCH]["post"]["requestBody"]
    lines = {"type": "array", "maxItems": 3, "items": body["content"]["application/x-ndjson"]["x-line"]}
    body["content"] = {"application/json": {"schema": lines}}
    picture = said["paths"]["/api/v1/attachments"]["post"]["requestBody"]
    picture["content"] = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
    faults: list[tuple[str, str, int]] = []
    asked = set()
    for result in schemathesis.openapi.from_dict(said).get_all_operations():
        operation = result.ok()

        @settings(
            max_examples=examples, deadline=None, derandomize=True, database=None, phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )  # fmt: skip
        @given(case=operation.as_strategy())
        def ask_it(case: Any) -> None:
            headers = {name: str(value) for name, value in (case.headers or {}).items() if str(value).isascii()}
            query = {name: str(value) for name, value in (case.query or {}).items()}
            answer = server.request(
                case.method,
                quote(case.formatted_path, safe="/%:"),
                params=query,
                content=_sent(case.body),
                headers={**headers, **keys["desk"], "content-type": case.media_type or "text/plain"},
            )
            asked.add((case.method, case.path))
            if answer.status_code >= 500:
                faults.append((case.method, case.formatted_path, answer.status_code))
            if case.path == BATCH:
                statuses = [json.loads(line)["status"] for line in answer.content.splitlines()]
                faults.extend((case.method, case.path, status) for status in statuses if status >= 500)

        ask_it()
    assert faults == []
    assert len(asked) == 11


def _sent(body: Any) -> bytes:
    if isinstance(body, list):
        return b"\n".join(json.dumps(line).encode() for line in body)
    if isinstance(body, dict):
        return urlencode({str(name): str(value) for name, value in body.items()}, errors="replace").encode()
    return body if isinstance(body, bytes) else b""
