"""One run: the house is opened, people work in it, mishaps happen, and at the end everything is counted."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

from config.env import BASE_DIR
from tests.browser.product import free_port
from tests.load.faults.apps import jump
from tests.load.faults.house import House
from tests.load.faults.mishaps import Mishaps
from tests.load.faults.people import Person, staff
from tests.load.faults.servers import Server
from tests.load.receiver import Receiver

PATIENCE = 180.0
"""Seconds without any progress after which the rest counts as lost."""

EVERY = (1.0, 6.0)
"""Seconds between two mishaps."""


def run(
    server: Server, *, seed: int, instances: int, seconds: float, log: Path, mishaps: int = 0, every: tuple[float, float] = EVERY
) -> dict[str, Any]:
    """Start instances spread over `seconds`, while for so long, and at least `mishaps` times, something happens to the
    house; wait for the end, and count. What the house says of its troubles goes to `log`."""
    began, receiver = time.monotonic(), Receiver()
    with tempfile.TemporaryDirectory(prefix="redraw-house-") as place:
        clock = Path(place) / "clock"
        jump(clock, 0.0)
        house = House(_environment(server.url, Path(place), receiver.url), free_port(), log)
        house.call("manage.py", "migrate", "-v0", "--run-syncdb")
        house.call("manage.py", "shell", "-v0", "-c", "from tests.load.faults.setting_up import publish_all; publish_all()")
        happening = Mishaps(house, server, clock, random.Random(seed))
        people = staff(house, seed)
        starter: subprocess.Popen[bytes] | None = None
        try:
            house.keep()
            starter = house.begin(sys.executable, "-m", "tests.load.faults.starter", str(instances), str(seconds * 0.8))
            for person in people:
                person.start()
            happening.during(seconds, mishaps, every)
            unfinished = _unfinished(house)
            if starter.wait(timeout=PATIENCE + seconds):
                raise RuntimeError("The instances could not be started.")
            _until_all_ended(house)
        finally:
            _close(house, people, starter)
            receiver.shutdown()
        wrong = [f"{person.name} gave up: {person.failure!r}" for person in people if person.failure is not None]
        counted = _count(house, instances, receiver)
    return {
        "database": "sqlite" if server.url.startswith("sqlite") else "postgresql", "seed": seed, "roots": instances,
        "seconds": round(time.monotonic() - began), "running_at_the_last_mishap": unfinished, "jobs_lost_at_the_broker": happening.emptied,
        "requests": sum(receiver.requests.values()), "effects": len(receiver.effects), **counted,
        "mishaps": dict(happening.happened), "answers": dict(sum((person.answers for person in people), Counter())),
        "wrong": wrong + counted["wrong"],
    }  # fmt: skip


def _environment(url: str, place: Path, receiver: str) -> dict[str, str]:
    return {
        **os.environ, "DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "tests.load.faults.settings", "REDRAW_JOBS": "queue",
        "REDRAW_DATA_DIR": str(place), "REDRAW_LOG_LEVEL": "ERROR", "REDRAW_WEB_WORKERS": "2", "LOAD_RECEIVER": receiver,
        "LOAD_CLOCK": str(place / "clock"), "REDRAW_SECRET_KEY": os.environ.get("REDRAW_SECRET_KEY") or random.Random().randbytes(20).hex(),
    }  # fmt: skip


def _unfinished(house: House) -> int:
    ((open_ones,),) = house.rows("SELECT count(*) FROM process_runtime_processinstance WHERE status = 'NEW'")
    return int(open_ones)


def _until_all_ended(house: House) -> None:
    """Wait until all instances ended and nothing is on its way, or until nothing has moved for a long time."""
    waiting = (
        "process_runtime_processinstance WHERE status = 'NEW'", "process_runtime_outbox WHERE state IN ('pending', 'waiting')",
        "django_q_ormq", "process_runtime_startsubscription WHERE kind = 'timer' AND active = '1'",
    )  # fmt: skip
    parts = ", ".join(f"(SELECT count(*) FROM {rest})" for rest in waiting)
    newest = "(SELECT id FROM process_runtime_task ORDER BY id DESC LIMIT 1)"
    best: tuple[Any, ...] = ()
    since = time.monotonic()
    while time.monotonic() - since < PATIENCE:
        house.keep()
        now = tuple(house.rows(f"SELECT {parts}, {newest}")[0])
        if not any(now[:-1]):
            return
        if now != best:
            best, since = now, time.monotonic()
        time.sleep(1.0)


def _close(house: House, people: list[Person], starter: subprocess.Popen[bytes] | None) -> None:
    for person in people:
        person.home.set()
    for person in people:
        if person.ident is not None:
            person.join(timeout=30)
    if starter is not None:
        starter.kill()
        starter.wait()
    house.end()


def _count(house: House, roots: int, receiver: Receiver) -> dict[str, Any]:
    seen = [(key, effect["instance"], effect["step"]) for key, effect in receiver.effects.items()]
    done = subprocess.run(
        [sys.executable, "-m", "tests.load.faults.counting", str(roots)], cwd=BASE_DIR, env=house.environment,
        input=json.dumps(seen), stdout=subprocess.PIPE, text=True, check=True,
    )  # fmt: skip
    counted: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return counted
