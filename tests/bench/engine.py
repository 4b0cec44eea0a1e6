"""The engine beside a hand-written stock Viewflow flow of the same shape, and beside the raw SQL floor."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from tests.bench.raw import STATEMENTS

ROOT = Path(__file__).resolve().parents[2]
AIMS = {"complete": 0.5, "chain": 0.4}
WORDS = {"start": "start to the first task", "complete": "complete a task", "chain": "chain of ten"}


def run() -> dict[str, float]:
    """Measure on SQLite and, where there is a server, on PostgreSQL; print a table, give the figures."""
    figures: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        found = _measure(f"sqlite:///{folder}/bench.sqlite3")
        figures |= _figures("sqlite", found)
        statements = found["statements"]["engine"]
        figures |= {f"engine.statements.{name}": float(statements[name]) for name in ("start", "complete", "per_node")}
        _table("SQLite", found)
    server = os.environ.get("REDRAW_TEST_POSTGRESQL")
    if server:
        found = _on_postgresql(server)
        figures |= _figures("postgresql", found)
        _table("PostgreSQL", found)
        found = _on_postgresql(server, REDRAW_BENCH_NO_DISK="1")
        figures |= _figures("postgresql_without_disk", found)
        _table("PostgreSQL, not waiting for the disk (synchronous_commit off, on every side)", found)
    else:
        print("PostgreSQL is not there (REDRAW_TEST_POSTGRESQL is not set): its figures are left out.\n")
    print("The raw SQL floor executes:")
    for what, lines in STATEMENTS.items():
        print(f"  {what}:", *lines, sep="\n    ")
    return figures


def _measure(url: str, **more: str) -> dict[str, Any]:
    environment = {
        **os.environ, "DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "tests.bench.settings", "REDRAW_JOBS": "inline",
        **more,
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.measure"], cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True,
        check=True,
    )  # fmt: skip
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def _on_postgresql(server: str, **more: str) -> dict[str, Any]:
    import psycopg

    name = f"redraw_bench_{os.getpid()}"
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        try:
            return _measure(f"{server}/{name}", **more)
        finally:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def _figures(database: str, found: dict[str, Any]) -> dict[str, float]:
    stock, ours, raw = (found["ms"][name] for name in ("stock", "engine", "raw SQL"))
    return {
        f"engine.start_vs_stock.{database}": ours["start"] / stock["start"],
        f"engine.complete_vs_stock.{database}": ours["complete"] / stock["complete"],
        f"engine.chain10_vs_stock.{database}": ours["chain"] / stock["chain"],
        f"engine.complete_vs_raw.{database}": ours["complete"] / raw["complete"],
    }


def _table(database: str, found: dict[str, Any]) -> None:
    print(f"{database}: medians of {found['rounds']} interleaved rounds")
    print(f"  {'':<26}{'stock Viewflow':>20}{'engine':>20}{'raw SQL':>20}{'of stock':>10}{'of raw':>8}  aim")
    for what, words in WORDS.items():
        ms = {name: found["ms"][name][what] for name in ("stock", "engine", "raw SQL")}
        cells = [f"{value:.2f} ms, {found['statements'][name][what]:.0f} SQL" for name, value in ms.items()]
        aim = f"{AIMS[what]:.1f} of stock" if what in AIMS else ""
        print(f"  {words:<26}" + "".join(f"{cell:>20}" for cell in cells), end="")
        print(f"{ms['engine'] / ms['stock']:>10.2f}{ms['engine'] / ms['raw SQL']:>8.1f}  {aim}")
    print(f"  SQL statements for an automated node of the engine: {found['statements']['engine']['per_node']:.1f}\n")
