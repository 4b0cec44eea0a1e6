"""What stands in somebody's inbox."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

__all__ = [
    "count",
    "counts_for",
    "done_for",
    "news_for",
    "news_mark",
    "open_roles_of",
    "saved_views",
    "standing_in_for",
    "stood_in_tasks",
    "task_form",
    "work_for",
]


def work_for(user: Any, **filters: Any) -> Any:
    """A page of a person's work: box "mine", "teams", "following", "standing_in" or "done", filtered and sorted, most
    urgent first. Filters: box, process, step, customer, due, search, after, limit."""
    from processes.inbox import selectors

    return selectors.work_for(user, **filters)


def counts_for(user: Any) -> Any:
    """How many items stand in a person's boxes (counted to 1000)."""
    from processes.inbox import selectors

    return selectors.counts_for(user)


def count(user: Any, *, box: str) -> int:
    """How many items stand in one box (counted to 1000)."""
    from processes.inbox import selectors

    return selectors.count(user, box=box)


def news_mark() -> str:
    """What stays the same while no work has come to anybody: one indexed row tells."""
    from processes.inbox import news

    return news.mark()


def news_for(user: Any, *, since: datetime) -> int:
    """How many tasks have come to a person or their teams since a moment (counted to a hundred)."""
    from processes.inbox import news

    return news.arrived(user, since)


def standing_in_for(user: Any) -> Any:
    """The people who are absent now and for whom the person stands in: each with the moment until which they do."""
    from processes.inbox import selectors

    return selectors.standing_in_for(user)


def stood_in_tasks(user: Any) -> list[UUID]:
    """The ids of the tasks that the person may do for absent people now."""
    from processes.inbox import substitution

    return substitution.stood_in_tasks(user)


def done_for(user: Any, *, limit: int = 50) -> Any:
    """What others did in the person's stead while they were away: finished tasks, the latest first."""
    from processes.inbox import selectors

    return selectors.done_for(user, limit=limit)


def open_roles_of(user: Any) -> dict[str, int]:
    """How many open tasks a person has, by the role that each needs."""
    from processes.inbox import substitution

    return substitution.open_roles_of(user)


def saved_views(user: Any) -> Any:
    """A person's saved views of the inbox, in their order."""
    from processes.inbox import selectors

    return selectors.saved_views(user)


def task_form(task_id: UUID, *, user: Any) -> Any:
    """Everything the page of a task shows, and the fingerprint to complete it with."""
    from processes.inbox import selectors

    return selectors.task_form(task_id, user=user)
