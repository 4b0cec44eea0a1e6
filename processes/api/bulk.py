"""One thing done to many instances at once, in the background."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

__all__ = [
    "acts_on",
    "begin_bulk",
    "bulk_outcomes",
    "bulk_progress",
    "bulk_runs",
    "may_act_on_some",
    "stop_bulk",
]


def acts_on(instances: Iterable[Any], *, user: Any) -> set[UUID]:
    """The ids of those instances that run and that the person may act on. No query for each."""
    from processes.inbox import supervision

    return {row.pk for row in instances if row.is_open and supervision.may_supervise(row, user)}


def begin_bulk(
    kind: str, *, user: Any, reason: str = "", instances: Iterable[UUID] | None = None, wanted: Any = None
) -> Any:
    """Retry, cancel, suspend or resume the `instances` named or all that are `wanted` (see `wanted`), as far as the person
    may act on them; gives the run. Each instance is a transaction of its own. Raises Invalid when there are none."""
    from processes.bulk import services

    return services.begin(kind, user=user, reason=reason, instances=instances, wanted=wanted)


def bulk_progress(run_id: UUID, *, user: Any) -> Any:
    """How far work in bulk is: the `run`, how many are `done`, `counts` by state."""
    from processes.bulk import selectors

    return selectors.progress(run_id, user=user)


def bulk_outcomes(run_id: UUID, *, user: Any, state: str, limit: int = 200) -> list[Any]:
    """Instances of a run in a state (done, refused, nothing, waiting), with why it could not be done."""
    from processes.bulk import selectors

    return selectors.outcomes(run_id, user=user, state=state, limit=limit)


def bulk_runs(user: Any, *, limit: int = 10) -> list[Any]:
    """The newest work in bulk that the person may see."""
    from processes.bulk import selectors

    return selectors.runs(user, limit=limit)


def may_act_on_some(user: Any) -> bool:
    """Whether there is any process whose instances the person may act on."""
    from processes.inbox import supervision

    return supervision.may_act_on_some(user)


def stop_bulk(run_id: UUID, *, user: Any) -> Any:
    """Do it to no more instances; what was done stays done."""
    from processes.bulk import services

    return services.stop(run_id, user=user)
