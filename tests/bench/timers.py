"""How long after its moment a timer fires, by a dispatcher in a process of its own, with many timers on their way.

The moment stands in the row that waits; when the step began that moved it on stands there afterwards.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from statistics import quantiles

from tests.bench.measure import installed, publish

INSTANCES, EARLIEST, LATEST = 150, 5, 20
PATIENCE = 300.0
"""Seconds after which timers that have not fired count as lost."""


def main() -> None:
    installed()
    from processes.runtime.starting import start
    from tests.bench.drawings import timer

    publish("bench_timer", timer())
    chosen = random.Random(1)
    dispatcher = subprocess.Popen([sys.executable, "manage.py", "dispatcher"])
    try:
        start(key="bench_timer", data={"pause": "PT0S"})
        fired()  # the dispatcher is up and has compiled the drawing
        for _number in range(INSTANCES):
            start(key="bench_timer", data={"pause": f"PT{chosen.randint(EARLIEST, LATEST)}S"})
        lags = sorted(fired()[1:])
    finally:
        dispatcher.terminate()
        dispatcher.wait()
    print(json.dumps({"p50": quantiles(lags, n=2)[0], "p95": quantiles(lags, n=20)[18], "worst": lags[-1], "timers": len(lags)}))


def fired() -> list[float]:
    """The seconds by which each timer was late, in the order in which they began to wait, once all have fired."""
    from processes.runtime.models import Task

    rows = Task.objects.stored().filter(kind="intermediateCatchEvent", scheduled__isnull=False).order_by("created", "id")
    deadline = time.monotonic() + PATIENCE
    while rows.filter(finished__isnull=True).exists():
        if time.monotonic() > deadline:
            raise AssertionError(f"Timers have not fired within {PATIENCE:.0f} s.")
        time.sleep(0.5)
    return [(finished - scheduled).total_seconds() for scheduled, finished in rows.values_list("scheduled", "finished")]


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.bench.settings")
    main()
