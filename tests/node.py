"""Runs the browser's scripts in Node, without a browser: what is computed, not what is drawn."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

ASSETS = Path(__file__).parents[1] / "assets"
NODE = shutil.which("node")
needs_node = pytest.mark.skipif(NODE is None, reason="no Node here; it runs the browser's scripts without a browser")


def run(files: list[str], body: str, **given: Any) -> Any:
    """Load scripts of assets/ and return what the body of an async function returns. `given` are its variables."""
    assert NODE is not None
    load = "".join(f"require({json.dumps(str(ASSETS / name))});" for name in files)
    names = ", ".join(f"{name} = {json.dumps(value)}" for name, value in given.items())
    script = f"{load} const {names or '_ = 0'}; (async () => {{ {body} }})().then(v => console.log(JSON.stringify(v ?? null)))"
    done = subprocess.run([NODE, "-"], check=False, input=script, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
