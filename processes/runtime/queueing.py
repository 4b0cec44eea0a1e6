"""The queue of background work: django-q2 with the database as its broker, so that asking joins the transaction."""

from __future__ import annotations

from typing import Any

from django_q.models import OrmQ
from django_q.tasks import async_task


def queue(path: str, *args: Any) -> None:
    """Have a worker call a function by its path, at least once, after this transaction. What came of it stands in rows of
    our own, so the queue keeps a note of failures only."""
    async_task(path, *args, task_name=path.rsplit(".", 1)[-1][:100], sync=False, save=False)


def is_long(more_than: int) -> bool:
    """Whether the workers have more to do than that: what was handed to them most likely lies there still."""
    return OrmQ.objects.order_by().values("pk")[more_than : more_than + 1].exists()
