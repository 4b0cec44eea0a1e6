"""Whether anything grows: the same rounds on a database that is empty but for one instance, after a million finished
instances, and among a thousand published versions, interleaved in an order drawn anew for each round.

`SCALE=full make bench` runs it; `SCALE=number` takes so many instances and a thousandth of the versions. Reported is, by
what is done, how much slower it is than on the empty database: the mean of the rounds' logarithmic ratios, with the
interval that holds it with a confidence of 95 % (Student's t).
"""

from __future__ import annotations

import json
import math
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import mean, median, stdev
from typing import IO, Any, NamedTuple

from tests.bench.engine import on_postgresql, on_sqlite

SCALE = os.environ.get("SCALE", "")
ROOT = Path(__file__).resolve().parents[2]
ROUNDS = 24
T_95 = 2.069
"""Student's t for a two-sided interval of 95 % with 23 degrees of freedom."""
ALLOWED = 0.05
HOUSES = ("empty", "history", "versions")
WHAT = {"start": "start to the first task", "complete": "complete a task", "chain": "chain of ten",
        "look": "the dispatcher looks for what is due", "inbox": "a page of the inbox",
        "done": "a page of what the person has done"}  # fmt: skip


class Growth(NamedTuple):
    """How much slower something is, as a share of what it costs on the empty database, and between which bounds."""

    share: float
    low: float
    high: float

    @property
    def holds(self) -> bool:
        """Whether it does not grow, as far as can be seen, or by less than is allowed."""
        return self.low <= 0 or self.high <= ALLOWED


def run() -> dict[str, float]:
    """Measure on SQLite and, where there is a server, on PostgreSQL; print tables, give the figures. Nothing without
    `SCALE`."""
    if not SCALE:
        print("Whether anything grows with history and versions takes long to see: SCALE=full make bench.")
        return {}
    figures: dict[str, float] = {}
    with ExitStack() as stack:
        figures |= _reported("sqlite", "SQLite", {name: stack.enter_context(on_sqlite()) for name in HOUSES})
    server = os.environ.get("REDRAW_TEST_POSTGRESQL")
    if server:
        with ExitStack() as stack:
            urls = {name: stack.enter_context(on_postgresql(server, f"_{name}")) for name in HOUSES}
            figures |= _reported("postgresql", "PostgreSQL", urls)
    return figures


def _reported(key: str, words: str, urls: dict[str, str]) -> dict[str, float]:
    """The table of a database, and its figures."""
    print(f"{words}, does anything grow? {ROUNDS} interleaved rounds; allowed {ALLOWED:.0%}, or an interval that holds zero")
    figures: dict[str, float] = {}
    for name, grown in compared(urls, SCALE).items():
        print(f"  with {name}:")
        for what, found in grown.items():
            verdict = "" if found.holds else "  GROWS"
            print(f"    {WHAT[what]:<42}{found.share:+7.1%}  ({found.low:+.1%} to {found.high:+.1%}){verdict}")
            figures[f"engine.scale.{name}.{what}.{key}"] = found.share
            figures[f"engine.scale.{name}.{what}.high.{key}"] = found.high
            figures[f"engine.scale.{name}.{what}.low.{key}"] = found.low
    print()
    return figures


def sizes(scale: str) -> tuple[int, int]:
    """Finished instances and published versions."""
    instances = 1_000_000 if scale == "full" else int(scale)
    return instances, max(2, instances // 1000)


def compared(urls: dict[str, str], scale: str) -> dict[str, dict[str, Growth]]:
    """How what is done grows, by database and by what is done. `urls` are empty databases by "empty", "history",
    "versions"."""
    instances, versions = sizes(scale)
    asked = {"empty": (0, 1), "history": (instances, 1), "versions": (0, versions)}
    with ExitStack() as stack:
        houses = {name: stack.enter_context(house(urls[name], *asked[name])) for name in asked}
        found: dict[str, list[dict[str, float]]] = {name: [] for name in houses}
        for number in range(-2, ROUNDS):  # the first two warm
            for name in random.Random(number).sample(sorted(houses), len(houses)):
                measured = houses[name].round()
                if number >= 0:
                    found[name].append(measured)
    return {name: {what: growth(found["empty"], found[name], what) for what in WHAT} for name in ("history", "versions")}


def growth(small: list[dict[str, float]], large: list[dict[str, float]], what: str) -> Growth:
    """The mean logarithmic ratio of the rounds with its interval, as shares."""
    ratios = [math.log(b[what] / a[what]) for a, b in zip(small, large, strict=True)]
    if len(ratios) != ROUNDS:
        raise AssertionError("The value of t belongs to another number of rounds.")
    middle, half = mean(ratios), T_95 * stdev(ratios) / math.sqrt(len(ratios))
    return Growth(*(math.exp(value) - 1 for value in (middle, middle - half, middle + half)))


class House:
    """A process on a database of its own that does a round when it is asked."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process

    def round(self) -> dict[str, float]:
        """Milliseconds of what is done, by its name."""
        _said(self.process.stdin).write("round\n")
        _said(self.process.stdin).flush()
        return dict(json.loads(_said(self.process.stdout).readline()))


@contextmanager
def house(url: str, instances: int, versions: int) -> Iterator[House]:
    """A process that has filled its database and waits to be asked."""
    environment = {
        **os.environ, "DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "tests.bench.settings", "REDRAW_JOBS": "inline",
    }  # fmt: skip
    command = [sys.executable, "-m", "tests.bench.scale", str(instances), str(versions)]
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        filled = json.loads(_said(process.stdout).readline())
        print(f"  {filled['instances']:9,} finished instances, {filled['versions']:5,} versions of each process: {filled['seconds']:.0f} s")
        yield House(process)
    finally:
        process.kill()
        process.wait()


def _said(stream: IO[str] | None) -> IO[str]:
    if stream is None:
        raise AssertionError("The process was begun without its pipes.")
    return stream


def main() -> None:
    """Fill the database, then a round for each line that comes."""
    from tests.bench.measure import bare_engine, installed

    installed()
    with bare_engine():
        began = time.perf_counter()
        user = _filled(int(sys.argv[1]), int(sys.argv[2]))
        filled = {"instances": int(sys.argv[1]), "versions": int(sys.argv[2]), "seconds": time.perf_counter() - began}
        print(json.dumps(filled), flush=True)
        for _line in sys.stdin:
            print(json.dumps(_round(user)), flush=True)


def _filled(instances: int, versions: int) -> Any:
    from django.contrib.auth import get_user_model

    from tests.bench.drawings import chain, line
    from tests.bench.history import analysed, copied, finished_line
    from tests.bench.measure import publish

    user = get_user_model().objects.create(username="bench")
    for number in range(versions):
        for key, drawing in (("bench_line", line()), ("bench_chain10", chain(5))):
            publish(key, drawing.replace(f'name="{key}"', f'name="Version {number}"'))
    pattern = finished_line(user)
    if instances:
        copied(pattern, instances)
    analysed()
    return user


def _round(user: Any) -> dict[str, float]:
    from processes import api
    from processes.runtime import waking
    from tests.bench.measure import one_round, timed
    from tests.bench.sides import Ours

    found = one_round(Ours(), user)
    for _time in range(8):
        timed(found["look"], waking.anything_due)
        timed(found["inbox"], lambda: api.work_for(user, box="mine"))
        timed(found["done"], lambda: api.work_for(user, box="done"))
    return {what: median(found[what]) for what in WHAT}


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.bench.settings")
    main()
