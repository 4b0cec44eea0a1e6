"""`make conformance DATA=DIR`: every outside suite found in the folder, counted honestly.

Writes build/conformance.json. Old output is removed first and the new file appears only when all
suites ran to their end, so a crash leaves no figures behind.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
OUTPUT = Path("build/conformance.json")
Suite = Callable[[Path], dict[str, Any]]


def suites() -> dict[str, Suite]:
    """The runners by the folder that they read."""
    from tests.conformance import betsy, bpmn_files, dmn_tck, round_trip

    return {"bpmn/betsy": betsy.run, "bpmn": bpmn_files.run, "bpmn/.": round_trip.run, "dmn-tck": dmn_tck.run}


def main(folder: Path) -> int:
    OUTPUT.unlink(missing_ok=True)
    if not folder.is_dir():
        print(f"There is no folder “{folder}”.")
        return 2
    results: dict[str, Any] = {}
    for name, run in suites().items():
        if not (folder / name).is_dir():
            print(f"{name}: not in this folder")
            continue
        results.update(run(folder / name if name == "dmn-tck" else folder))
    for name, result in results.items():
        if isinstance(result, dict) and "total" in result:
            print(f"{name:36} {result['passed']:5} of {result['total']:5}")
    OUTPUT.parent.mkdir(exist_ok=True)
    partial = OUTPUT.with_suffix(".part")
    partial.write_text(json.dumps(results, indent=1, ensure_ascii=False))
    partial.replace(OUTPUT)
    return 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        print("Say where the outside suites are: python -m tests.conformance DIR")
        sys.exit(2)
    sys.exit(main(Path(sys.argv[1])))
