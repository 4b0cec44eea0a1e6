"""Work of one person handed over to others, many tasks at a time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID

from processes.api.acting import acting

if TYPE_CHECKING:
    from processes.inbox.models import HandingOver

__all__ = [
    "hand_over",
    "handing_over",
    "handing_over_outcomes",
    "may_hand_over",
    "open_counts",
    "open_work_of",
]


def hand_over(*, user: Any, of: Any, to: Any = None, tasks: Sequence[UUID] | None = None, note: str = "") -> HandingOver:
    """Hand over open tasks of a person, all or those named, to somebody, or (without `to`) to their team by load.

    Up to fifty are handed over before this returns, more in the background; each in a transaction of its own, and
    `handing_over_outcomes` says what came of each. NotAllowed, Invalid.
    """
    from processes.inbox import handing

    with acting(user, "task.hand_over", reason=note):
        return handing.hand_over(user=user, of=of, to=to, tasks=tasks, note=note)


def handing_over(pk: UUID, *, user: Any) -> HandingOver:
    """A handing over: how far it has come. NotFound for who has nothing to do with it."""
    from processes.inbox import handing

    return handing.handing_over(pk, user=user)


def handing_over_outcomes(row: HandingOver) -> Any:
    """What came of each task of a handing over, those that stayed first."""
    from processes.inbox import handing

    return handing.outcomes(row)


def may_hand_over(user: Any, giver: Any) -> bool:
    """Whether somebody may hand a person's work to others."""
    from processes.inbox import handing

    return handing.may_hand_over(user, giver)


def open_counts(people: Sequence[Any]) -> dict[int, int]:
    """How many open tasks each of several people has, by id."""
    from processes.inbox import handing

    return handing.open_counts(people)


def open_work_of(person: Any, *, user: Any, limit: int = 200) -> Any:
    """The open tasks that a person has as lines of the inbox, for whoever may hand them over; NotAllowed for others."""
    from processes.inbox import handing

    return handing.items_of(user, of=person, limit=limit)
