"""The engine beside a hand-written stock Viewflow flow of the same shape, and beside the raw SQL floor."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.bench.raw import STATEMENTS

ROOT = Path(__file__).resolve().parents[2]
AIMS = {
    "start": "0.65 of stock", "complete": "0.45 of stock, 2.5 of raw (SQLite 4)", "chain": "0.2 of stock (SQLite 0.3)",
}  # fmt: skip
PRODUCT = {
    "start": "from its message to the first task", "complete": "take a task and answer its form",
    "chain": "chain of ten about the complaint",
}  # fmt: skip
WORDS = {"start": "start to the first task", "complete": "complete a task", "chain": "chain of ten"}


def run() -> dict[str, float]:
    """Measure on SQLite and, where there is a server, on PostgreSQL; print a table, give the figures."""
    with on_sqlite() as url:
        figures = _compiling(url)
    for part in (_bare, _product, _timers):
        with on_sqlite() as url:
            figures |= part("sqlite", "SQLite", url)
    server = os.environ.get("REDRAW_TEST_POSTGRESQL")
    if server:
        for part in (_bare, _bare_without_disk, _product, _timers):
            with on_postgresql(server) as url:
                figures |= part("postgresql", "PostgreSQL", url)
    else:
        print("PostgreSQL is not there (REDRAW_TEST_POSTGRESQL is not set): its figures are left out.\n")
    figures["engine.timer_lag.p95"] = max(value for name, value in figures.items() if name.startswith("engine.timer_lag.p95."))
    print("The raw SQL floor executes:")
    for what, lines in STATEMENTS.items():
        print(f"  {what}:", *lines, sep="\n    ")
    return figures


def _compiling(url: str) -> dict[str, float]:
    """What a version costs a process that runs it."""
    found = _measured("tests.bench.compiling", url)
    print(f"A version when a process first meets it, {found['versions']} of each shipped drawing:")
    figures = {}
    for name, cost in found["drawings"].items():
        print(f"  {name:<22}{cost['elements']:4} elements, compiled in {cost['ms']:5.1f} ms, keeps {cost['kb']:5.0f} KB")
        figures |= {f"engine.compile_ms.{name}": cost["ms"], f"engine.compiled_kb.{name}": cost["kb"]}
    print()
    return figures


def _bare(key: str, words: str, url: str, **more: str) -> dict[str, float]:
    """The engine alone, beside stock Viewflow and raw SQL."""
    found = _measured("tests.bench.measure", url, **more)
    _table(words, found)
    return {**_figures(key, found), **(_statements(found["statements"]["engine"]) if key == "sqlite" else {})}


def _bare_without_disk(key: str, words: str, url: str) -> dict[str, float]:
    """The same where nobody waits for the disk, which is the same for every side."""
    return _bare(f"{key}_without_disk", f"{words}, synchronous_commit off on every side", url, REDRAW_BENCH_NO_DISK="1")


def _product(key: str, words: str, url: str) -> dict[str, float]:
    """Complaint handling as the product runs it."""
    found = _measured("tests.bench.product", url)
    ms, stock, statements, nodes = found["ms"]["product"], found["ms"]["stock"], found["statements"], found["nodes"]
    figures = {}
    print(f"{words}, complaint handling as the product runs it: medians of {found['rounds']} interleaved rounds")
    for what, line in PRODUCT.items():
        count, of_stock = statements[what][0], ms[what] / stock[what]
        print(f"  {line:<38}{ms[what]:8.1f} ms, {count:3} SQL, {of_stock:5.1f} times bare stock Viewflow")
        figures[f"engine.product.{what}_ms.{key}"] = ms[what]
        figures[f"engine.product.{what}_vs_bare_stock.{key}"] = of_stock
        figures[f"engine.product.statements.{what}.{key}"] = float(count)
    per_node, sql = ms["start"] / nodes, statements["start"][0] / nodes
    print(f"  {'each of the ' + str(nodes) + ' nodes to the first task':<38}{per_node:8.1f} ms, {sql:5.1f} SQL\n")
    return {**figures, f"engine.product.per_node_ms.{key}": per_node, f"engine.product.statements.per_node.{key}": sql}


def _timers(key: str, words: str, url: str) -> dict[str, float]:
    """How late timers fire."""
    found = _measured("tests.bench.timers", url)
    print(f"{words}: {found['timers']} timers fired {found['p50']:.2f} s after their moment in the median,"
          f" {found['p95']:.2f} s at p95, {found['worst']:.2f} s at worst (aim: 2 s)\n")  # fmt: skip
    return {f"engine.timer_lag.{name}.{key}": found[name] for name in ("p50", "p95")}


def _measured(module: str, url: str, **more: str) -> dict[str, Any]:
    """What a module found on a database, in a process of its own."""
    environment = {
        **os.environ, "DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "tests.bench.settings", "REDRAW_JOBS": "inline",
        **more,
    }  # fmt: skip
    done = subprocess.run([sys.executable, "-m", module], cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


@contextmanager
def on_sqlite() -> Iterator[str]:
    """The URL of a new database, removed afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        yield f"sqlite:///{folder}/bench.sqlite3"


@contextmanager
def on_postgresql(server: str, name: str = "") -> Iterator[str]:
    """The URL of a new database on the server, dropped afterwards; `name` tells several at once apart."""
    import psycopg

    name = f"redraw_bench_{os.getpid()}{name}"
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        try:
            yield f"{server}/{name}"
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


def _statements(found: dict[str, Any]) -> dict[str, float]:
    """SQL statements of the engine, and what each of the ten automated nodes adds."""
    counts = {name: float(statements) for name, (statements, _messages) in found.items()}
    figures = {f"engine.statements.{name}": counts[name] for name in ("start", "complete")}
    return {**figures, "engine.statements.per_node": (counts["chain"] - counts["bare_chain"]) / 10}


def _table(database: str, found: dict[str, Any]) -> None:
    print(f"{database}: medians of {found['rounds']} interleaved rounds")
    print(f"  {'':<26}{'stock Viewflow':>25}{'engine':>25}{'raw SQL':>25}{'of stock':>10}{'of raw':>8}  aim")
    for what, words in WORDS.items():
        ms = {name: found["ms"][name][what] for name in ("stock", "engine", "raw SQL")}
        cells = []
        for name, value in ms.items():
            statements, messages = found["statements"][name][what]
            cells.append(f"{value:.2f} ms, {statements} SQL in {messages}")
        print(f"  {words:<26}" + "".join(f"{cell:>25}" for cell in cells), end="")
        print(f"{ms['engine'] / ms['stock']:>10.2f}{ms['engine'] / ms['raw SQL']:>8.1f}  {AIMS[what]}")
    per_node = _statements(found["statements"]["engine"])["engine.statements.per_node"]
    each = "  ".join(f"{name} {found['ms'][name]['chain'] / 10:.2f} ms" for name in ("stock", "engine", "raw SQL"))
    print(f"  A tenth of the chain, which is an automated node with its share of start and end: {each}")
    print(f"  “8 SQL in 5” are 8 statements in 5 messages to the database. An automated node adds {per_node:.1f} statements.\n")
