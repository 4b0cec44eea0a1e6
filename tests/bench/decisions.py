"""Expressions and decision tables: evaluations per second, beside plain Python, other FEEL libraries and a plain scan.

Every ratio says how many times as fast ours is as the other one; below 1 ours is the slower. Rounds are interleaved: in
each, every line is run on every side in an order drawn anew, the sides of a line one after the other. A figure is the
median of the rounds, a ratio the median of the rounds' ratios. All of this is reckoning without waiting, so CPU time is
measured, and other work on the machine counts less. The libraries parse a text in every call, so they stand beside `evaluate(text, context)`, which finds the text in its cache, and beside
parsing it anew; the expression that is parsed once and kept is what the engine runs.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import geometric_mean, median, quantiles
from typing import Any

from tests.bench.big_table import records, table
from tests.bench.feel_lines import LINES, Line
from tests.bench.libraries import Libraries, asked

ROOT = Path(__file__).resolve().parents[2]
ROUNDS, SLICE = 15, 0.003
"""Rounds, and the seconds that a line may take of each on each side."""
TABLE_ROUNDS, RECORDS = 5, 150
OURS, TEXT, ANEW, PYTHON, TABLE = "parsed once", "text", "text parsed anew", "Python", "table"
BESIDE_LIBRARIES = {"vs_best_library": TEXT, "anew_vs_best_library": ANEW, "parsed_vs_best_library": OURS}

Seconds = Callable[[int], float]
"""How many seconds of CPU time so many evaluations take."""


def run() -> dict[str, float]:
    """Measure in a process of its own, print a table, give the figures."""
    command = [sys.executable, "-m", "tests.bench.decisions"]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return {**_expressions(found), **_tables(found), **_big(found["big"])}


def main() -> None:
    sides = {name: {TABLE: _repeated(act)} for name, act in shipped().items()}
    with asked(LINES) as libraries:
        for number, line in enumerate(LINES):
            sides[line.key] = _sides(line, number, libraries)
        times = measured(sides)
        said = {line.key: libraries.right[number] for number, line in enumerate(LINES)} if libraries else None
    print(json.dumps({"times": times, "libraries": said, "big": big()}))


# --- what is timed ---------------------------------------------------------------------------------------------
def _repeated(act: Callable[[], Any]) -> Seconds:
    def seconds(times: int) -> float:
        began = time.process_time()
        for _time in range(times):
            act()
        return time.process_time() - began

    return seconds


def _sides(line: Line, number: int, libraries: Libraries | None) -> dict[str, Seconds]:
    """The ways to get the value of a line; each has given the same one."""
    from processes.feel import evaluate, parse

    def anew() -> Any:
        return parse(line.text, resolve=lambda name: None).evaluate(line.context)  # a resolver keeps it from the cache

    expression, wanted = parse(line.text), line.python(line.context)
    for result in (expression.evaluate(line.context), evaluate(line.text, line.context), anew()):
        if result.require() != wanted:
            raise AssertionError(f"“{line.text}” gives {result.value}, and Python {wanted}.")
    sides = {
        OURS: _repeated(partial(expression.evaluate, line.context)), PYTHON: _repeated(partial(line.python, line.context)),
        TEXT: _repeated(partial(evaluate, line.text, line.context)), ANEW: _repeated(anew),
    }  # fmt: skip
    if libraries is not None:
        sides |= {name: partial(libraries.seconds, name, number) for name in libraries.right[number]}
    return sides


def shipped() -> dict[str, Callable[[], Any]]:
    """For each shipped table what asks it about the next of its examples."""
    from itertools import cycle

    from processes.dmn import load
    from processes.feel import from_json

    found: dict[str, Callable[[], Any]] = {}
    for path in sorted((ROOT / "fixtures/processes").glob("*/*.dmn")):
        decisions = load(path.read_bytes())
        names = [info.id for info in decisions.decisions]
        main = path.stem if path.stem in names else names[0]
        examples = json.loads(path.with_suffix(".examples.json").read_text())
        asks = cycle(
            [partial(decisions.evaluate, example.get("decision") or main, {k: from_json(v) for k, v in example["in"].items()})
             for example in examples]
        )  # fmt: skip
        found[path.stem] = partial(_next, asks)
    return found


def _next(asks: Any) -> Any:
    return next(asks)()


def measured(sides: dict[str, dict[str, Seconds]]) -> dict[str, dict[str, list[float]]]:
    """Seconds of an evaluation by line and side, one for each round."""
    counts = {}
    for line, by_side in sides.items():
        for side, seconds in by_side.items():
            seconds(3)  # warm
            counts[line, side] = max(1, round(SLICE / max(seconds(3) / 3, 1e-7)))
    times: dict[str, dict[str, list[float]]] = {line: {side: [] for side in by_side} for line, by_side in sides.items()}
    for number in range(ROUNDS):
        drawn = random.Random(number)
        for line in drawn.sample(list(sides), len(sides)):
            for side in drawn.sample(list(sides[line]), len(sides[line])):
                count = counts[line, side]
                times[line][side].append(sides[line][side](count) / count)
    return times


def big() -> dict[str, float]:
    """The milliseconds (of CPU time) of single evaluations of a thousand rules, with the index and by a scan."""
    from processes.dmn import load

    xml, asked_about = table(), records(RECORDS)
    sides = {"index": load(xml), "scan": load(xml, indexed=False)}
    for record in asked_about:
        one, two = (decisions.evaluate("answer", record) for decisions in sides.values())
        if (one.require(), one.trace) != (two.require(), two.trace):
            raise AssertionError(f"With and without an index, {record} has different answers.")
    times: dict[tuple[str, int], list[float]] = defaultdict(list)
    for number in range(TABLE_ROUNDS):
        order = [(side, at) for side in sides for at in range(RECORDS)]
        random.Random(number).shuffle(order)
        for side, at in order:
            decisions, record = sides[side], asked_about[at]
            began = time.process_time()
            decisions.evaluate("answer", record)
            times[side, at].append((time.process_time() - began) * 1000)
    found = {}
    for side in sides:
        cuts = quantiles([median(times[side, at]) for at in range(RECORDS)], n=20)
        found |= {f"{side}_p50": cuts[9], f"{side}_p95": cuts[18]}
    return found


# --- what is told ----------------------------------------------------------------------------------------------
def _rate(times: list[float]) -> float:
    return 1 / median(times)


def _faster(ours: list[float], theirs: list[float]) -> float:
    """How many times as fast ours is."""
    return median(other / own for own, other in zip(ours, theirs, strict=True))


def _expressions(found: dict[str, Any]) -> dict[str, float]:
    """Each line, and the geometric means."""
    who: dict[str, list[str]] | None = found["libraries"]
    print(f"FEEL, evaluations per second: medians of {ROUNDS} interleaved rounds, ratios are times as fast")
    print(f"  {'':<22}{'parsed once':>12}{'of Python':>10}{'text':>10}{'anew':>9}   libraries that give the right answer")
    figures: dict[str, float] = {}
    for line in LINES:
        times = found["times"][line.key]
        ours, text, anew, of_python = *(_rate(times[side]) for side in (OURS, TEXT, ANEW)), _faster(times[OURS], times[PYTHON])
        figures |= {f"feel.evals_per_s.{line.key}": ours, f"feel.text_evals_per_s.{line.key}": text,
                    f"feel.vs_python.{line.key}": of_python}  # fmt: skip
        told = "not measured"
        if who is not None:
            told = ", ".join(f"{name} {_rate(times[name]):,.0f}" for name in who[line.key]) or "none"
        if who is not None and who[line.key]:
            best = min((times[name] for name in who[line.key]), key=median)
            for what, side in BESIDE_LIBRARIES.items():
                figures[f"feel.{what}.{line.key}"] = _faster(times[side], best)
            told += f": text {_faster(times[TEXT], best):.1f} times, anew {_faster(times[ANEW], best):.2f}"
        print(f"  {line.name:<22}{ours:>12,.0f}{of_python:>10.3f}{text:>10,.0f}{anew:>9,.0f}   {told}")
    for what in ("evals_per_s", "text_evals_per_s", "vs_python", *BESIDE_LIBRARIES):
        values = [value for name, value in figures.items() if name.startswith(f"feel.{what}.")]
        if values:
            figures[f"feel.{what}"] = geometric_mean(values)
    _means(figures, sum(map(bool, who.values())) if who is not None else None)
    return figures


def _means(figures: dict[str, float], by_libraries: int | None) -> None:
    print(f"  Geometric means: {figures['feel.evals_per_s']:,.0f} evaluations per second, {figures['feel.vs_python']:.3f} of plain Python,"
          f" {figures['feel.text_evals_per_s']:,.0f} as texts from the cache.")  # fmt: skip
    if by_libraries is None:
        print("  pySFeel and bkflow-feel: not measured.\n")
        return
    print(f"  On the {by_libraries} lines that pySFeel or bkflow-feel can do, beside the faster of them, which parse in every call: "
          f"{figures['feel.vs_best_library']:.0f} times as fast as texts from the cache, "
          f"{figures['feel.anew_vs_best_library']:.1f} times parsing anew, "
          f"{figures['feel.parsed_vs_best_library']:.0f} times parsed once.\n")  # fmt: skip


def _tables(found: dict[str, Any]) -> dict[str, float]:
    rates = {name: _rate(times[TABLE]) for name, times in found["times"].items() if TABLE in times}
    print("Shipped tables asked about their examples, evaluations per second with the trace:")
    for name, rate in rates.items():
        print(f"  {name:<22}{rate:>12,.0f}")
    figures = {f"dmn.evals_per_s.{name}": rate for name, rate in rates.items()}
    figures["dmn.evals_per_s"] = geometric_mean(rates.values())
    print(f"  {'geometric mean':<22}{figures['dmn.evals_per_s']:>12,.0f}\n")
    return figures


def _big(ms: dict[str, float]) -> dict[str, float]:
    times = ms["scan_p50"] / ms["index_p50"]
    print(f"A table of 1,000 rules over 5 inputs: {ms['index_p50']:.3f} ms in the median, {ms['index_p95']:.3f} ms at p95;"
          f" {times:.0f} times as fast as asking every rule ({ms['scan_p50']:.2f} ms, {ms['scan_p95']:.2f} ms at p95)\n")  # fmt: skip
    return {"dmn.table1000_p50_ms": ms["index_p50"], "dmn.table1000_p95_ms": ms["index_p95"], "dmn.table1000_vs_scan": times}


if __name__ == "__main__":
    main()
