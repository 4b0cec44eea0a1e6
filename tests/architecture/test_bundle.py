"""The browser's bundles are committed: what lies in `static/` is what the sources give."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from config.env import BASE_DIR

FRONTEND, STATIC = BASE_DIR / "admin_ext/frontend", BASE_DIR / "admin_ext/static"


def digests(files: list[Path], base: Path) -> dict[str, str]:
    return {str(file.relative_to(base)): hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


def test_every_source_is_the_one_that_was_built():
    sources = [
        file for file in FRONTEND.rglob("*") if file.is_file() and "node_modules" not in file.parts and file.name != "built.json"
    ]
    recorded = json.loads((FRONTEND / "built.json").read_text())

    assert digests(sources, FRONTEND) == recorded["sources"], "Run: make frontend"


def test_every_bundle_is_the_one_that_was_built():
    recorded = json.loads((FRONTEND / "built.json").read_text())
    here = digests([STATIC / name for name in recorded["built"]], STATIC)
    found = {file.name for file in (STATIC / "redraw").iterdir() if file.suffix in (".js", ".css")}

    assert here == recorded["built"], "Run: make frontend"
    assert found <= {Path(name).name for name in recorded["built"]}
