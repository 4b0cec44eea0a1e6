"""The sides of the comparison. Each starts an instance, completes a person's task, runs a chain of ten.

To complete is to load the task, to claim it and to submit it, in one transaction on every side, so that each
waits for the disk once.
"""

from __future__ import annotations

from typing import Any

from django.db import transaction
from viewflow.workflow.models import Task as StockTask
from viewflow.workflow.status import STATUS

from processes.runtime import services, starting
from processes.runtime.models import Task
from tests.bench import raw
from tests.bench.stock.flows import Chain, Line


class Stock:
    """Written by hand on stock Viewflow."""

    name = "stock"

    def start(self) -> Any:
        return Line.start.run()

    def find(self, instance: Any) -> Any:
        return StockTask.objects.filter(process=instance.pk, status=STATUS.NEW).values_list("pk", flat=True).get()

    def complete(self, task_id: Any, user: Any, instance: Any) -> None:
        with Line.lock(instance.pk):
            task = StockTask.objects.get(pk=task_id)
            activation = task.flow_task.activation_class(task)
            activation.assign(user)
            activation.start(None)
            activation.execute()

    def chain(self) -> None:
        Chain.start.run(_process_data={"n": 1})


class Ours:
    """The engine, from a drawing, without what the product adds around it."""

    name = "engine"

    def start(self) -> Any:
        return starting.start(key="bench_line")

    def find(self, instance: Any) -> Any:
        return Task.objects.filter(process=instance.pk, status=STATUS.NEW).values_list("pk", flat=True).get()

    def complete(self, task_id: Any, user: Any, instance: Any) -> None:
        with transaction.atomic():
            instance_id = services.take(task_id=task_id, user=user)
            if instance_id is None:
                raise ValueError("Somebody was quicker.")
            services.complete(task_id=task_id, user=user, data={}, instance_id=instance_id, savepoint=False)

    def chain(self) -> None:
        starting.start(key="bench_chain10", data={"n": 1})

    def bare_chain(self) -> None:
        """The same without a node between start and end."""
        starting.start(key="bench_chain0", data={"n": 1})


class Raw:
    """Hand-written SQL that leaves the same rows as the engine."""

    name = "raw SQL"

    def __init__(self, line: Any, chain: Any) -> None:
        self.floor = raw.Floor(line, chain)

    def start(self) -> Any:
        with transaction.atomic():
            return self.floor.start()

    def find(self, instance: Any) -> Any:
        return instance.task

    def complete(self, task_id: Any, user: Any, instance: Any) -> None:
        with transaction.atomic():
            self.floor.claim(instance, user)
            self.floor.submit(instance, user)

    def chain(self) -> None:
        with transaction.atomic():
            self.floor.chain()
