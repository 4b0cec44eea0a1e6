"""kill -9 of web, workers and dispatchers, the broker emptied, the database restarted, the clock jumping.

    python -m tests.load.faults --seed 1 --instances 500 --minutes 10 [--database sqlite]

DATABASE_URL names an empty database; without it a new one is made, on PostgreSQL in a server of its own.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path
from typing import Any

from tests.load.faults.run import run
from tests.load.faults.servers import server

REPORT = Path("build/faults.json")


def table(found: dict[str, Any]) -> str:
    """The report for the eye."""
    lines = [f"{name:<28}{value}" for name, value in found.items() if not isinstance(value, dict | list)]
    for name in ("mishaps", "answers"):
        lines += [name, *(f"  {what:<26}{n}" for what, n in sorted(found[name].items()))]
    for name in ("incidents", "wrong"):
        lines += [f"{name:<28}{len(found[name])}", *(f"  {sentence}" for sentence in found[name])]
    return "\n".join(lines)


def main() -> int:
    options = argparse.ArgumentParser(description="Let everything die while instances with every executable element run.")
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--instances", type=int, default=500)
    options.add_argument("--minutes", type=float, default=10.0)
    options.add_argument("--database", choices=["postgresql", "sqlite"], default="postgresql")
    given = options.parse_args()
    REPORT.parent.mkdir(exist_ok=True)
    with server(given.database, os.environ.get("DATABASE_URL", "")) as found:
        outcome = run(found, seed=given.seed, instances=given.instances, seconds=given.minutes * 60, log=REPORT.with_suffix(".log"))
    print(table(outcome))
    known = json.loads(REPORT.read_text()) if REPORT.exists() else {}
    REPORT.write_text(json.dumps({**known, outcome["database"]: outcome}, indent=2))
    return bool(outcome["wrong"])


if __name__ == "__main__":
    sys.exit(main())
