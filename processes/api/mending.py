"""What stands still, and how it is put right."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from processes.api.acting import acting

__all__ = [
    "deliver_again",
    "drop_letter",
    "edit_variables",
    "incidents",
    "move_token",
    "retry",
    "skip",
    "token_move",
    "waiting",
]


def incidents(user: Any, *, key: str | None = None, limit: int = 50, after: Any = None) -> Any:
    """Steps that failed and wait for a person, oldest first."""
    from processes.inbox import overview

    return overview.incidents(user, key=key, limit=limit, after=after)


def retry(task_id: UUID, *, user: Any) -> None:
    """Try a failed step again."""
    from processes.inbox import supervision

    with acting(user, "incident.retry", task=task_id):
        supervision.retry(task_id=task_id, user=user)


def skip(task_id: UUID, *, user: Any, reason: str, take: str | None = None) -> None:
    """Go on behind a failed or waiting step as if it had been done; `take` names the flow to go on by
    where there is a choice."""
    from processes.inbox import supervision

    with acting(user, "incident.skip", task=task_id, reason=reason):
        supervision.skip(task_id=task_id, user=user, reason=reason, take=take)


def token_move(task_id: UUID, *, user: Any) -> Any:
    """Where the token of an open row may be moved to, and what that takes away."""
    from processes.inbox import token_moves

    return token_moves.token_move(task_id, user=user)


def move_token(task_id: UUID, *, to: str, user: Any, reason: str) -> None:
    """Take a token away, with all that waits on its behalf, and put it on another element of the same scope."""
    from processes.inbox import supervision

    with acting(user, "incident.move_token", task=task_id, reason=reason):
        supervision.move_token(task_id=task_id, to=to, user=user, reason=reason)


def edit_variables(instance_id: UUID, *, user: Any, changes: Mapping[str, Any], reason: str) -> None:
    """Set variables of a running instance; None takes a variable away."""
    from processes.inbox import supervision

    with acting(user, "instance.variables", instance=instance_id, reason=reason):
        supervision.edit_variables(instance_id=instance_id, user=user, changes=changes, reason=reason)


def waiting(user: Any) -> Any:
    """What waits: timers and their lag, messages expected and kept, jobs, the outbox, and what could not be delivered."""
    from processes.inbox import waiting as found

    return found.waiting(user)


def deliver_again(row_id: UUID, *, user: Any) -> None:
    """Try once more to deliver a message that could not be delivered."""
    from processes.inbox import waiting as found

    with acting(user, "outbox.deliver_again"):
        found.deliver_again(row_id=row_id, user=user)


def drop_letter(row_id: UUID, *, user: Any, reason: str) -> None:
    """Give up a message that could not be delivered; the row stays, with who dropped it and why."""
    from processes.inbox import waiting as found

    with acting(user, "outbox.drop", reason=reason):
        found.drop(row_id=row_id, user=user, reason=reason)
