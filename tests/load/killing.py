"""kill -9 of workers and dispatchers at random moments: every instance ends, each effect happens once.

    python -m tests.load.killing --instances 200 --kills 20     (DATABASE_URL names an empty database)

Real processes: workers and two dispatchers, each restarted after its death as the supervisor does it. The
effects are counted in a ledger table with a unique key and at an HTTP receiver by idempotency key.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 180.0
"""Seconds without any progress after which the rest counts as lost."""

BETWEEN_KILLS = (0.2, 2.0)


@dataclass
class Outcome:
    """What came of it. `wrong` has a sentence for everything that is not as it must be, `in_flight`
    is how many instances had not ended at the last kill."""

    instances: int
    kills: Counter[str] = field(default_factory=Counter)
    in_flight: int = 0
    seconds: float = 0.0
    requests: int = 0
    wrong: list[str] = field(default_factory=list)


class Victims:
    """The processes that are killed, and started again."""

    def __init__(self, environment: dict[str, str], workers: str) -> None:
        self.environment = environment
        self.commands = {"workers": workers, "dispatcher 1": "dispatcher", "dispatcher 2": "dispatcher"}
        self.running: dict[str, subprocess.Popen[bytes]] = {}

    def keep(self) -> None:
        """Start what does not run."""
        for name, command in self.commands.items():
            process = self.running.get(name)
            if process is None or process.poll() is not None:
                if process is not None:
                    end_group(process.pid)
                self.running[name] = subprocess.Popen(
                    [sys.executable, "manage.py", command], cwd=ROOT, env=self.environment, start_new_session=True
                )

    def kill(self, chosen: random.Random) -> str:
        """kill -9 somebody: a dispatcher, all workers at once, or a single one of their processes."""
        name = chosen.choice(["workers", "one of the workers", "dispatcher 1", "dispatcher 2"])
        if name == "one of the workers":
            members = descendants(self.running["workers"].pid)
            if members:
                os.kill(chosen.choice(members), signal.SIGKILL)
        elif name == "workers":
            end_group(self.running[name].pid)
        else:
            self.running[name].kill()
        return name.split(" 1")[0].split(" 2")[0]

    def end(self) -> None:
        """End all."""
        for process in self.running.values():
            end_group(process.pid)
            process.wait()


def end_group(pid: int) -> None:
    """kill -9 of a process group."""
    with suppress(ProcessLookupError):  # gone already, all of it
        os.killpg(pid, signal.SIGKILL)


def descendants(pid: int) -> list[int]:
    """Processes below one: the cluster's guard, workers, pusher and monitor."""
    listed = subprocess.run(["ps", "-e", "-o", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
    parent = {int(child): int(of) for child, of in (line.split() for line in listed.splitlines())}
    found = []
    for child in parent:
        above = parent[child]
        while above not in (0, 1, pid):
            above = parent.get(above, 0)
        if above == pid:
            found.append(child)
    return found


def run(
    *, instances: int, kills: int, seed: int, url: str, pause: int = 10, workers: str = "workers"
) -> Outcome:
    """Start instances, kill `kills` times while they run, wait for the end and count.

    `pause` is how long every instance waits in one branch, in seconds: what keeps it in flight meanwhile.
    Its other branch has its job at some moment of that time.
    """
    from tests.load.receiver import Receiver

    receiver = Receiver()
    environment = {
        **os.environ, "DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "tests.load.settings", "REDRAW_JOBS": "queue",
        "LOAD_RECEIVER": receiver.url, "REDRAW_LOG_LEVEL": "ERROR",
    }  # fmt: skip
    subprocess.run([sys.executable, "manage.py", "migrate", "-v0", "--run-syncdb"], cwd=ROOT, env=environment, check=True)
    victims = Victims(environment, workers)
    began = time.monotonic()
    outcome = Outcome(instances)
    chosen = random.Random(seed)
    starter = None
    try:
        victims.keep()
        starter = subprocess.Popen(
            [sys.executable, "-m", "tests.load.starter", str(instances), str(pause)], cwd=ROOT, env=environment
        )
        while kills and starter.poll() is None and _begun(environment, instances) < instances // 2:
            victims.keep()
        for _number in range(kills):
            time.sleep(chosen.uniform(*BETWEEN_KILLS))
            outcome.kills[victims.kill(chosen)] += 1
            time.sleep(0.3)
            victims.keep()
        if starter.wait(timeout=PATIENCE):
            raise RuntimeError("The instances could not be started.")
        outcome.in_flight = instances - _ask(environment, "progress", instances)[0]
        ended = _wait(environment, victims, instances)
        if ended < instances:
            outcome.wrong.append(f"Only {ended} of {instances} instances ended.")
        victims.end()
        outcome.wrong += _ask(environment, "wrong", instances)
        outcome.wrong += _at_receiver(receiver, instances)
        outcome.requests = sum(receiver.requests.values())
    finally:
        if starter is not None:
            starter.kill()
        victims.end()
        receiver.shutdown()
    outcome.seconds = time.monotonic() - began
    return outcome


def _begun(environment: dict[str, str], instances: int) -> int:
    return int(_ask(environment, "begun", instances))


def _wait(environment: dict[str, str], victims: Victims, instances: int) -> int:
    best, since = (-1, -1), time.monotonic()
    while time.monotonic() - since < PATIENCE:
        victims.keep()
        ended, done = _ask(environment, "progress", instances)
        if ended >= instances:
            return ended
        if (ended, done) != best:
            best, since = (ended, done), time.monotonic()
        time.sleep(1.0)
    return best[0]


def _ask(environment: dict[str, str], what: str, instances: int) -> Any:
    import json

    answer = subprocess.run(
        [sys.executable, "-m", "tests.load.count", what, str(instances)], cwd=ROOT, env=environment,
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return json.loads(answer.stdout.splitlines()[-1])


def _at_receiver(receiver: Any, instances: int) -> list[str]:
    from tests.load.drawings import POSTED

    wrong = []
    steps = Counter(effect["step"] for effect in receiver.effects.values())
    for step in POSTED:
        if steps[step] != instances:
            wrong.append(f"The receiver has {steps[step]} effects of {step}, not {instances}.")
    pairs = Counter((effect["instance"], effect["step"]) for effect in receiver.effects.values())
    wrong += [f"{step} of {instance} had {n} effects." for (instance, step), n in pairs.items() if n > 1]
    return wrong


def main() -> int:
    options = argparse.ArgumentParser(description="Kill workers and dispatchers while instances run.")
    options.add_argument("--instances", type=int, default=200)
    options.add_argument("--kills", type=int, default=20)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--pause", type=int, default=40)
    options.add_argument("--workers", default="workers")
    given = options.parse_args()
    outcome = run(
        instances=given.instances, kills=given.kills, seed=given.seed, url=os.environ["DATABASE_URL"],
        pause=given.pause, workers=given.workers,
    )  # fmt: skip
    killed = ", ".join(f"{n} x {name}" for name, n in sorted(outcome.kills.items()))
    print(f"{outcome.instances} instances, {outcome.in_flight} in flight at the last kill; killed {killed}; {outcome.requests} requests; {outcome.seconds:.0f} s")
    for sentence in outcome.wrong:
        print(f"  {sentence}")
    return bool(outcome.wrong)


if __name__ == "__main__":
    sys.exit(main())
