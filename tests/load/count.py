"""Counts in the database of a load test, in a process of its own: how far it is, and what is wrong at its end."""

from __future__ import annotations

import json
import os
import sys
from collections import Counter

import django


def progress(_instances: int) -> list[int]:
    """How many instances ended, and how many steps are done."""
    from processes.runtime.models import ProcessInstance, Task

    ended = ProcessInstance.objects.filter(definition__key="load_calling", outcome="completed").count()
    return [ended, Task.objects.filter(status="DONE").count()]


def begun(_instances: int) -> int:
    """How many instances were started."""
    from processes.runtime.models import ProcessInstance

    return ProcessInstance.objects.filter(definition__key="load_calling").count()


def wrong(instances: int) -> list[str]:
    """A sentence for everything that is not as it must be."""
    from processes.runtime.models import ProcessInstance, Task, VariableChange
    from tests.load.drawings import NOTED, POSTED
    from tests.load.ledger.models import Entry

    found = []
    steps = Counter(Entry.objects.values_list("step", flat=True))
    found += [f"The ledger has {steps[s]} entries of {s}, not {instances}." for s in NOTED if steps[s] != instances]
    for name in POSTED:
        landed = Counter(VariableChange.objects.filter(name=f"r_{name}", task__node_id=name).values_list("instance", flat=True))
        if len(landed) != instances or any(n != 1 for n in landed.values()):
            found.append(f"The result of {name} landed {sum(landed.values())} times in {len(landed)} instances.")
    done = Counter(Task.objects.filter(status="DONE").values_list("node_id", "process"))
    found += [f"{node} of {pk} was done {n} times." for (node, pk), n in done.items() if n > 1 and node != "Join"]
    for key in ("load_calling", "load_called"):
        rows = ProcessInstance.objects.filter(definition__key=key)
        if rows.count() != instances:
            found.append(f"There are {rows.count()} instances of {key}, not {instances}.")
        found += [f"{row.pk} of {key} has not ended." for row in rows.exclude(outcome="completed")[:5]]
    stuck = Task.objects.stored().open().filter(process__definition__key__startswith="load_")
    found += [f"{row.node_id} is {row.status}: {row.error}" for row in stuck[:5]]
    return found


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.load.settings")
    django.setup()
    print(json.dumps(globals()[sys.argv[1]](int(sys.argv[2]))))
