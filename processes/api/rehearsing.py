"""Versions tried on throw-away data."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

if TYPE_CHECKING:
    from processes.rehearsal.models import Rehearsal
    from processes.rehearsal.services import RehearsalState

__all__ = [
    "begin_rehearsal",
    "end_rehearsal",
    "may_rehearse",
    "rehearsable",
    "rehearsal",
    "rehearsal_refused",
    "rehearsal_room",
    "rehearse_message",
    "rehearse_step",
    "rehearse_wait",
]


def begin_rehearsal(
    key: str, number: int, *, user: Any, subject_values: Mapping[str, Any] | None = None,
    data: Mapping[str, Any] | None = None, at: datetime | None = None, wait: bool = True,
) -> Rehearsal:  # fmt: skip
    """Run a version, a draft or not, on the real engine with throw-away data and a clock under control.

    `subject_values` say how the record shall be (see `rehearsal_fields`), `data` are start values. Whoever answers for
    the process may rehearse any version, whoever works in it may practise the published one. Raises Invalid for a
    drawing that does not run; with `wait=False` a ProcessError while the practice room is still being made.
    """
    from processes.rehearsal import services

    return services.begin(key, number, user=user, subject_values=subject_values, data=data, at=at, wait=wait)


def rehearsal(rehearsal_id: UUID, *, user: Any) -> RehearsalState:
    """How a rehearsal stands: clock, open steps with their forms, what is waited for, values, decisions, mails, way."""
    from processes.rehearsal import services

    return services.state(rehearsal_id, user=user)


def rehearse_step(rehearsal_id: UUID, task_id: UUID, *, data: Mapping[str, Any], user: Any) -> None:
    """Finish an open step of a rehearsal as an invented person of its role; Invalid with errors by field."""
    from processes.rehearsal import services

    services.step(rehearsal_id, task_id, data=data, user=user)


def rehearse_wait(rehearsal_id: UUID, *, user: Any, until: datetime | None = None) -> None:
    """Let time pass in a rehearsal: up to a moment, or to what falls due next."""
    from processes.rehearsal import services

    services.wait(rehearsal_id, until=until, user=user)


def rehearse_message(rehearsal_id: UUID, task_id: UUID, *, user: Any, data: Mapping[str, Any] | None = None) -> None:
    """Let the message or signal come that an open element of a rehearsal waits for."""
    from processes.rehearsal import services

    services.message(rehearsal_id, task_id, data=data, user=user)


def end_rehearsal(rehearsal_id: UUID, *, user: Any) -> None:
    """End a rehearsal and throw its data away."""
    from processes.rehearsal import services

    services.end(rehearsal_id, user=user)


def rehearsal_refused(
    rehearsal_id: UUID, task_id: UUID, *, raw: Mapping[str, Any], errors: Mapping[str, str], user: Any
) -> RehearsalState:
    """How a rehearsal stands, with an answer that a form refused still in its fields."""
    from processes.rehearsal import services

    return services.refused(rehearsal_id, task_id, raw=raw, errors=errors, user=user)


def rehearsable(key: str, *, user: Any) -> Any:
    """What a person may rehearse of a process: its versions, what may be chosen of the record, the own rehearsals.
    NotFound without the process, NotAllowed for who neither answers for it nor works in it."""
    from processes.rehearsal import selectors

    return selectors.rehearsable(key, user=user)


def may_rehearse(version: Any, *, user: Any) -> bool:
    """Whether a person may rehearse or practise a version."""
    from processes.rehearsal import services

    return services.may_rehearse(version, user)


def rehearsal_room() -> bool:
    """Whether a rehearsal can be begun at once; if not, what it needs is being made from now on."""
    from processes.rehearsal import rooms

    rooms.make_soon()
    return rooms.is_ready()
