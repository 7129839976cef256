"""The studio's addresses over the small town: a draft from its making to its approval, and what another planner is told."""

from __future__ import annotations

import time
from base64 import b64decode
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from starlette.testclient import TestClient

from dashboard.server import create_app
from dashboard.studio import channels
from data.actors import PLANNER, Actor, Grant
from data.settings import Settings
from tests.dashboard.conftest import HERE
from tests.dashboard.town import build


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """A client of a town of its own, with a draft."""
    made = Settings(home=tmp_path_factory.mktemp("studio") / "var", memory_share=0.1, threads=2)
    build(made)
    with TestClient(create_app(made), base_url=HERE) as client:
        job = client.post("/studio/drafts", json={"name": "草案", "rules": "standard"}).json()["job"]
        for _ in range(600):
            said = client.get("/studio/drafts", params={"job": job}).json()
            if said["making"]["status"] != "running":
                break
            time.sleep(0.02)
        assert said["making"]["status"] == "done", said
        yield client


def numbers(text: str) -> list[int]:
    """A column of the wire."""
    return [int(one) for one in np.frombuffer(b64decode(text), "<i4")]


def worked(client: TestClient, begun: Any) -> Any:
    """How a piece of work ended."""
    for _ in range(600):
        said = client.get(f"/studio/works/{begun.json()['job']}").json()
        if said["status"] != "running":
            return said
        time.sleep(0.02)
    return said


def paper(client: TestClient, form: str) -> Any:
    """The dossier, written in the background."""
    begun = client.post("/studio/drafts/1/dossier", json={"form": form})
    assert worked(client, begun)["status"] == "done"
    return client.get(f"/studio/drafts/1/dossier.{form}", params={"job": begun.json()["job"]})


def act(client: TestClient, what: str, **said: Any) -> Any:
    """An act on the draft."""
    return client.post(f"/studio/drafts/1/{what}", json=said)


def test_a_draft_is_drawn_taken_back_and_told_to_who_looks(studio: TestClient) -> None:
    listed = studio.get("/studio/drafts").json()
    assert [(one["name"], one["state"], one["seq"]) for one in listed["drafts"]] == [("草案", "drawing", 0)]
    whole = studio.get("/studio/drafts/1").json()
    g1, g2, g3, _g4 = numbers(whole["grid"])
    assert whole["changing"]["total"]["households"] == 830
    names = studio.get(whole["cells"]["names"])
    assert names.json()["labels"][str(g1)][0] == "G1"
    assert studio.get(whole["cells"]["address"], headers={"accept-encoding": "gzip"}).content[:4] == b"JWG1"
    assert studio.get("/studio/cells/1/other/cells.bin").status_code == 404

    merged = act(studio, "merge", seen=0, grids=[g1, g2]).json()
    assert (numbers(merged["cell"]), numbers(merged["grid"])) == ([0], [g2])  # G2 has more households
    assert merged["changing"]["total"]["moved"] == 100
    stale = act(studio, "merge", seen=0, grids=[g2, g3])
    assert (stale.status_code, "已有人先改动" in stale.json()["what"]) == (409, True)
    tried = studio.get("/studio/drafts/1/what-if").json()
    assert tried["moved"] == [["第1网格", 100, g1, g2, "原网格（100 户）撤销", "G1"]]
    assert tried["grids"][str(g2)]["events"] == 0  # the town's cases are located by name, not by points

    assert paper(studio, "pdf").content[:5] == b"%PDF-"
    assert paper(studio, "docx").content[:2] == b"PK"
    assert studio.post("/studio/drafts/1/dossier", json={"form": "txt"}).status_code == 404
    assert studio.get("/studio/drafts/1/dossier.pdf").status_code == 404  # nobody wrote it

    back = act(studio, "undo", seen=1).json()
    assert (back["changing"]["undo"], back["changing"]["redo"]) == (False, True)
    assert numbers(studio.get("/studio/drafts/1/since", params={"seq": 0}).json()["grid"]) == [g1]
    assert act(studio, "undo", seen=2).status_code == 403
    assert (
        worked(studio, studio.post("/studio/drafts/1/dossier", json={"form": "pdf"}))["status"] == "failed"
    )  # nothing changes
    assert act(studio, "paint", seen=2, cells=["x"], to=g1).status_code == 422
    assert act(studio, "nothing", seen=2).status_code == 422


def test_the_optimiser_is_asked_and_what_it_found_is_dropped(studio: TestClient) -> None:
    whole = studio.get("/studio/drafts/1").json()
    said = studio.post("/studio/drafts/1/solve", json={"start": "current", "pace": "quick"}).json()
    for _ in range(600):
        if said["status"] != "running":
            break
        time.sleep(0.05)
        said = studio.get("/studio/drafts/1/solve").json()
    assert said["status"] == "done"
    assert len(numbers(said["grid"])) == whole["cells"]["n"]
    assert studio.post("/studio/drafts/1/solve", json={"what": "drop"}).json() == {"status": "none"}
    assert studio.post("/studio/drafts/1/solve", json={"weights": {"moved": 9}}).status_code == 422


def test_hard_rules_keep_a_draft_from_review_and_another_role_approves(studio: TestClient) -> None:
    seq = studio.get("/studio/drafts/1").json()["changing"]["seq"]
    refused = act(studio, "step", seen=seq, step="review")
    assert "必须遵守的规则" in refused.json()["what"]
    softer = act(studio, "rule", seen=seq, rule="grid", set={"hard": False}).json()["changing"]
    assert softer["hard_n"] == 0
    remark = act(studio, "comment", seen=seq, at=[[118.31, 35.01]], body="看这里").json()["changing"]["comments"]
    assert [one["body"] for one in remark] == ["看这里"]
    assert act(studio, "step", seen=seq, step="review").json()["changing"]["draft"]["state"] == "review"
    today = studio.app.state.desk.store.now().date()  # type: ignore[attr-defined]
    day = (today + timedelta(days=2)).isoformat()
    own = act(studio, "step", seen=seq, step="approve", day=day)
    assert "不能批准同一方案" in own.json()["what"]
    studio.cookies.set("demo_role", "leader")
    assert act(studio, "step", seen=seq, step="approve", day="soon").status_code == 422
    done = act(studio, "step", seen=seq, step="approve", day=day).json()
    assert (done["changing"]["draft"]["state"], done["changing"]["draft"]["from"]) == ("approved", day)
    studio.cookies.clear()


def test_a_draft_is_a_channel_for_those_who_may_see_it(studio: TestClient, tmp_path: Path) -> None:
    planner = Actor("person", "p", "规划岗", (Grant(PLANNER),))
    nobody = Actor("person", "o", "值班岗", (Grant("operator"),))
    (channel,) = channels.channels("?draft=1", "zh", planner)
    assert channel.key == "studio?draft=1"
    assert channels.channels("?draft=1", "zh", nobody) == ()
    assert channels.is_studio("?draft=1")
    assert not channels.is_studio("?level=grid")
    store = studio.app.state.desk.store  # type: ignore[attr-defined]
    assert channels.shown(store, channel.search).pieces["mark"].count(".") == 2


def test_any_two_plans_are_compared_written_out_and_read_back(studio: TestClient) -> None:
    store = studio.app.state.desk.store  # type: ignore[attr-defined]
    draft_id = studio.post("/studio/drafts", json={"name": "比较", "rules": "standard"}).json()
    made = worked_with(studio, draft_id)
    whole = studio.get(f"/studio/drafts/{made}").json()
    g1, g2, *_rest = numbers(whole["grid"])
    assert studio.post(f"/studio/drafts/{made}/merge", json={"seen": 0, "grids": [g1, g2]}).status_code == 200
    plan = store.rows("SELECT plan_id FROM grid_plan")[0]["plan_id"]
    first, second = f"plan:{plan}", f"draft:{made}"
    said = studio.get("/studio/compared", params={"first": first, "second": second}).json()
    assert next(one[0] for one in said["plans"]) == first
    assert [(row[0], row[1]) for row in said["grids"]] == [("第1网格", "")]  # G1 is given up; no homes are known here
    shapes = studio.get(said["second_shapes"]["address"], headers={"accept-encoding": "gzip"})
    assert shapes.content[:4] == b"JWG1"
    assert studio.get(f"/studio/compare/{second}/other/grids.bin").status_code == 404
    assert studio.get("/studio/compared", params={"first": "plan:99", "second": second}).status_code == 404

    file = studio.get(f"/studio/plans/{second}/plan.geojson", params={"crs": "GCJ-02"})
    assert file.json()["coordinates"] == "GCJ-02"
    assert len([one for one in file.json()["features"] if one["properties"]["layer"] == "grids"]) == 3
    assert studio.get(f"/studio/plans/{second}/plan.geojson", params={"crs": "EPSG:3857"}).status_code == 422
    assert studio.get(f"/studio/plans/{second}/plan.txt").status_code == 404

    token = studio.post("/studio/plan-files", content=file.content, headers={"x-file-name": "plan.geojson"}).json()[
        "token"
    ]
    order = {"level": "grid", "snap": False}
    checked = worked(studio, studio.post(f"/studio/plan-files/{token}", json={"what": "check", **order}))
    assert (checked["status"], checked["result"]["parts"]) == ("done", 3)
    assert all({"kind", "codes", "text", "lon", "lat"} <= set(one) for one in checked["result"]["findings"])
    assert studio.get(checked["result"]["address"], headers={"accept-encoding": "gzip"}).content[:4] == b"JWG1"
    taken = worked(studio, studio.post(f"/studio/plan-files/{token}", json={"what": "draft", "name": "导入", **order}))
    again = studio.get(f"/studio/drafts/{taken['result']}").json()
    assert numbers(again["grid"])[:2] == [g2, g2]
    assert again["changing"]["journal"][0][3] == "导入方案"


def worked_with(client: TestClient, begun: Any) -> int:
    """The draft a job made."""
    for _ in range(600):
        said = client.get(f"/studio/works/{begun['job']}").json()
        if said["status"] != "running":
            return int(said["result"])
        time.sleep(0.02)
    return 0


def test_a_lasso_that_is_none_and_a_line_too_long_are_refused(studio: TestClient) -> None:
    for outline in ([[1, 2]], "x", [["x", 1], [2, 2], [3, 3]], [[i, i] for i in range(501)]):
        said = studio.post("/studio/drafts/1/solve", json={"scope": {"outline": outline}})
        assert (said.status_code, said.json()["error"]) == (422, "InputError")
    assert studio.post("/studio/drafts/1/solve", json={"scope": "x"}).status_code == 422
    seen = studio.get("/studio/drafts/1").json()["changing"]["seq"]
    for what, said in (
        ("community-paint", {"cells": [0], "to": 10**6}), ("community-merge", {"communities": [1]}),
        ("community-split", {"community": 1, "n": 99}),
        ("community-line", {"community": 1, "line": [[0, 0]]}),
    ):  # fmt: skip
        assert act(studio, what, seen=seen, **said).status_code == 422
    assert studio.get("/studio/drafts/1").json()["changing"]["seq"] == seen
