"""The queue of background work: django-q2 with the database as its broker, so that asking joins the transaction."""

from __future__ import annotations

from typing import Any

from django_q.tasks import async_task


def queue(path: str, *args: Any) -> None:
    """Have a worker call a function by its path, at least once, after this transaction."""
    async_task(path, *args, task_name=path.rsplit(".", 1)[-1][:100], sync=False)
