"""Several processes that do the same to the same rows in the same moment, each a program of its own.

    python -m tests.load.hammer JOB NUMBER OF        is the NUMBERth of OF hammers; it says "ready", waits for a line,
                                                     works, and tells what was answered how often and how long each took
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

import django

from config.env import BASE_DIR


@dataclass
class Struck:
    """What came of it: how often each answer came, and the seconds that the calls took."""

    answers: Counter[str] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)

    def strike(self, call: Callable[..., Any], *args: Any, **given: Any) -> bool:
        """Make a call; true when it was not refused."""
        from processes.errors import ProcessError

        began, answer = time.perf_counter(), "done"
        try:
            call(*args, **given)
        except ProcessError as error:
            answer = type(error).__name__
        self.seconds.append(time.perf_counter() - began)
        self.answers[answer] += 1
        return answer == "done"

    def quantile(self, share: float) -> float:
        """The time that this share of the calls stayed under."""
        ordered = sorted(self.seconds)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]

    def __str__(self) -> str:
        told = ", ".join(f"{n} {answer}" for answer, n in sorted(self.answers.items()))
        return f"{told}; p50 {self.quantile(0.5) * 1000:.0f} ms, p99 {self.quantile(0.99) * 1000:.0f} ms"


def hammers(environment: dict[str, str], *jobs: str) -> dict[str, Struck]:
    """Let as many processes as jobs are named strike at once; what came of it, by job."""
    found: dict[str, Struck] = {}
    with ExitStack() as stack:
        running = []
        for number, job in enumerate(jobs):
            command = [sys.executable, "-m", "tests.load.hammer", job, str(number), str(len(jobs))]
            process = stack.enter_context(subprocess.Popen(
                command, cwd=BASE_DIR, env=environment, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
            ))  # fmt: skip
            stack.callback(process.kill)
            running.append((job, process))
        for _job, process in running:
            if process.stdout is None or process.stdout.readline().strip() != "ready":
                raise RuntimeError("A hammer did not get ready.")
        for _job, process in running:
            if process.stdin is not None:
                process.stdin.write("go\n")
                process.stdin.flush()
        for job, process in running:
            told = json.loads(process.communicate(timeout=300)[0])
            one = found.setdefault(job, Struck())
            one.answers.update(told["answers"])
            one.seconds += told["seconds"]
    return found


# --- jobs ------------------------------------------------------------------------------------------------------
def _people() -> list[Any]:
    from django.contrib.auth import get_user_model

    return list(get_user_model().objects.filter(username__startswith="hand").order_by("username"))


def branches(struck: Struck, number: int, _of: int) -> None:
    """Finish the own branch of every instance, with a value of its own."""
    from processes.runtime import services
    from processes.runtime.models import Task

    me = _people()[number]
    mine = Task.objects.filter(node_id=f"Branch{number}", status="NEW").order_by("created", "id").values_list("pk", flat=True)
    for pk in list(mine):
        struck.strike(services.complete, task_id=pk, user=me, data={f"value{number}": number})


def claims(struck: Struck, number: int, _of: int) -> None:
    """Take every task."""
    from processes import api
    from processes.runtime.models import Task

    me = _people()[number]
    for pk in list(Task.objects.filter(node_id="Work").order_by("created", "id").values_list("pk", flat=True)):
        struck.strike(api.claim, pk, user=me)


def messages(struck: Struck, number: int, of: int) -> None:
    """Tell every instance once, and say it a second time; start the own share of them on the way, so that they are told
    of things before they are there."""
    from processes import api

    for told in range(INSTANCES):
        if told % of == number:
            api.start("hammered_listening", data={"number": told}, idempotency_key=f"listening:{told}")
        for _time in range(2):
            struck.strike(api.message, "hammer.told", correlation=told, key=f"told:{number}:{told}")


def work(struck: Struck, number: int, of: int) -> None:
    """Take and finish what is open until every instance has ended."""
    from processes import api
    from processes.runtime.models import ProcessInstance, Task

    me = _people()[number]
    while ProcessInstance.objects.filter(definition__key="hammered_moving", status="NEW").exists():
        rows = list(Task.objects.filter(status="NEW", kind="userTask").order_by("created", "id").values_list("pk", flat=True)[:of])
        for pk in rows[number % max(len(rows), 1) :]:
            if struck.strike(api.claim, pk, user=me):
                struck.strike(api.complete, pk, user=me)
        time.sleep(0.05)


def tell(struck: Struck, number: int, of: int) -> None:
    """Tell every instance, forwards or backwards."""
    from processes import api

    order = range(INSTANCES) if number % 2 else range(INSTANCES - 1, -1, -1)
    for told in order:
        struck.strike(api.message, "hammer.moved", correlation=told, key=f"moved:{told}")


def move(struck: Struck, _number: int, _of: int) -> None:
    """Move all instances to the second version, in the background."""
    from django.contrib.auth import get_user_model

    from processes import api

    boss = get_user_model().objects.get(username="boss")
    struck.strike(api.migrate, "hammered_moving", 1, 2, user=boss, reason="A step more")


INSTANCES = 48
JOBS: dict[str, Callable[[Struck, int, int], None]] = {
    job.__name__: job for job in (branches, claims, messages, work, tell, move)
}




if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.load.settings")
    django.setup()
    from django.db import connection

    connection.ensure_connection()
    struck = Struck()
    print("ready", flush=True)
    sys.stdin.readline()
    JOBS[sys.argv[1]](struck, int(sys.argv[2]), int(sys.argv[3]))
    print(json.dumps({"answers": struck.answers, "seconds": struck.seconds}))
