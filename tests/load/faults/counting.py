"""Counts in the database after the faults run, in a process of its own: how far everything came, and what is wrong."""

from __future__ import annotations

import json
import os
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

import django

MOST = 10
"""How many sentences of a kind are told; the rest is counted."""


def count(roots: int, seen: list[tuple[str, str, str]]) -> dict[str, Any]:
    """Figures, and a sentence for everything that is not as it must be. `seen` are key, instance and step of every effect at
    the receiver."""
    from processes.runtime.models import Outbox, ProcessInstance, Task

    incidents = [_incident(row) for row in Task.objects.stored().incidents().select_related("process__definition").defer("process__flow_class")]
    wrong = [*_outcomes(roots), *_paths(), *_effects(seen), *_left_over()]
    return {
        "instances": ProcessInstance.objects.count(), "tasks_done": Task.objects.filter(status="DONE").count(),
        "messages": Outbox.objects.filter(state="delivered").count(), "incidents": incidents,
        "most_attempts": max(Task.objects.values_list("attempts", flat=True), default=0), "wrong": wrong,
    }  # fmt: skip


def _incident(row: Any) -> str:
    return f"{row.node_id} of {row.process.definition.key}: {(row.error or {}).get('sentence', '')}"


def _some(sentences: Iterable[str]) -> Iterator[str]:
    found = list(sentences)
    yield from found[:MOST]
    if len(found) > MOST:
        yield f"... and {len(found) - MOST} more of this kind."


def _outcomes(roots: int) -> Iterator[str]:
    """Every instance came out as it must, or an incident in it says why not."""
    from processes.runtime.models import ProcessInstance
    from tests.load.faults.drawings import DRAWINGS, OUTCOMES, TICKING, instances_of

    for key in DRAWINGS:
        rows = ProcessInstance.objects.filter(definition__key=key)
        most = instances_of(key, roots)
        if rows.count() > most or not rows.exists() or (key != TICKING and rows.count() < most):
            yield f"There are {rows.count()} instances of {key}, not {most}."
        other = rows.exclude(outcome=OUTCOMES.get(key, "completed")).exclude(pk__in=_excused())
        yield from _some(f"{pk} of {key} is {status} {outcome}." for pk, status, outcome in other.values_list("pk", "status", "outcome"))


def _excused() -> set[Any]:
    """Instances with an incident that says why it is one, and those that wait for them."""
    from processes.runtime.models import ProcessInstance, Task

    failed = Task.objects.stored().incidents().values_list("process", "error", "process__root")
    told = {pk: root for pk, error, root in failed if (error or {}).get("sentence")}
    return {*told, *ProcessInstance.objects.filter(root__in=set(told.values()), status="NEW").values_list("pk", flat=True)}


def _paths() -> Iterator[str]:
    """No token was lost or doubled: every instance that ended passed each element as often as it must."""
    from processes.runtime.models import ProcessInstance, Task
    from tests.load.faults.drawings import DRAWINGS, expected

    passed: dict[Any, Counter[str]] = defaultdict(Counter)
    for pk, node in Task.objects.filter(status="DONE").values_list("process", "node_id").iterator(5000):
        passed[pk][node] += 1
    for key in DRAWINGS:
        must = expected(key)
        ended = ProcessInstance.objects.filter(definition__key=key).exclude(status="NEW").values_list("pk", flat=True)
        yield from _some(
            f"{pk} of {key} passed {dict(passed[pk] - must)} too often and {dict(must - passed[pk])} too seldom."
            for pk in ended if passed[pk] != must
        )  # fmt: skip


def _effects(seen: list[tuple[str, str, str]]) -> Iterator[str]:
    """Every effect happened once: in the ledger, and at the receiver."""
    from processes.runtime.models import ProcessInstance
    from tests.load.faults.drawings import DRAWINGS, effects
    from tests.load.ledger.models import Entry

    had: dict[str, Counter[str]] = defaultdict(Counter)
    for instance, step in [*Entry.objects.values_list("instance", "step"), *((pk, step) for _key, pk, step in seen)]:
        had[str(instance)][step] += 1
    for key in DRAWINGS:
        must = effects(key)
        ended = ProcessInstance.objects.filter(definition__key=key).exclude(status="NEW").values_list("pk", flat=True)
        yield from _some(
            f"{pk} of {key} had effects {dict(had[str(pk)])}, not {dict(must)}." for pk in ended if had[str(pk)] != must
        )  # fmt: skip


def _left_over() -> Iterator[str]:
    """Nothing is stuck: no open row of an ended instance, no message that was not delivered, no job that waits."""
    from django_q.models import OrmQ

    from processes.runtime.models import Outbox, Task

    stuck = Task.objects.stored().open().exclude(process__in=_excused())
    yield from _some(f"{row.node_id} of {row.process_id} is {row.status}." for row in stuck)
    unsent = Outbox.objects.exclude(state="delivered")
    yield from _some(f"A {row.kind} ({row.name}) is {row.state} after {row.attempts} attempts: {row.error}" for row in unsent)
    if jobs := OrmQ.objects.count():
        yield f"{jobs} jobs wait at the broker."


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.load.faults.settings")
    django.setup()
    print(json.dumps(count(int(sys.argv[1]), json.load(sys.stdin))))
