"""Instances: begin them, tell them something, stop them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from uuid import UUID

from processes.api.acting import acting
from processes.ports import Subject

if TYPE_CHECKING:
    from processes.runtime.models import ProcessInstance

__all__ = [
    "cancel",
    "may_start",
    "message",
    "record_changed",
    "resume",
    "signal",
    "start",
    "suspend",
]


def start(
    key: str,
    *,
    subject: Subject | tuple[str, int] | None = None,
    data: Mapping[str, Any] | None = None,
    user: Any = None,
    business_key: str | None = None,
    version: int | None = None,
    idempotency_key: str | None = None,
    at: str | None = None,
) -> ProcessInstance:
    """Start a process by its key: on its published version, or on the version of that number.

    `data` become variables. With an `idempotency_key` a second call gives the instance of the first.
    `at` is the id of an element to begin at instead of the start event (for the import of running business).
    Raises NotFound without such a process or version, NotAllowed when the person may not start it.
    """
    from processes.inbox import supervision
    from processes.runtime import services

    with acting(user, "process.start"):
        if user is not None:
            supervision.demand_start(user, key, subject)
        return services.start(
            key=key, subject=subject, data=data, user=user, business_key=business_key, version=version,
            idempotency_key=idempotency_key, at=at,
        )  # fmt: skip


def may_start(user: Any, key: str, subject: Subject | tuple[str, int] | None = None) -> bool:
    """Whether the person may start the published version of a process about a record."""
    from processes.inbox import supervision

    return supervision.may_start(user, key, subject)


def message(
    name: str,
    *,
    correlation: Any = None,
    subject: Subject | tuple[str, int] | None = None,
    data: Mapping[str, Any] | None = None,
    key: str | None = None,
) -> None:
    """Send a message: joins the caller's transaction and is delivered after it.

    It goes to the running instance that waits for the name with this correlation value, else starts the
    processes whose message start has the name; when nobody waits it is kept for a while. With a `key` the
    same message is taken once only.
    """
    from processes.runtime import outbox

    outbox.send_message(name=name, correlation=correlation, subject=subject, data=data, key=key)


def signal(name: str, *, data: Mapping[str, Any] | None = None, key: str | None = None) -> None:
    """Throw a signal to everybody who waits for it: joins the caller's transaction, delivered after it."""
    from processes.runtime import outbox

    outbox.send_signal(name=name, data=data, key=key)


def record_changed(record: Any) -> None:
    """Say that a record has been changed: conditional events of instances about it that read its fields are asked
    after the caller's transaction. Nothing is done when nobody waits for that."""
    from processes.runtime import outbox

    outbox.record_changed(record)


def cancel(instance_id: UUID, *, user: Any, reason: str) -> None:
    """End an instance and everything it called, without its end events."""
    from processes.inbox import supervision

    with acting(user, "process.cancel", instance=instance_id, reason=reason):
        supervision.cancel(instance_id=instance_id, user=user, reason=reason)


def suspend(instance_id: UUID, *, user: Any, reason: str = "") -> None:
    """Let an instance rest: no task, timer or message moves it until it is resumed."""
    from processes.inbox import supervision

    with acting(user, "process.suspend", instance=instance_id, reason=reason):
        supervision.suspend(instance_id=instance_id, user=user)


def resume(instance_id: UUID, *, user: Any, reason: str = "") -> None:
    """Let a suspended instance go on."""
    from processes.inbox import supervision

    with acting(user, "process.resume", instance=instance_id, reason=reason):
        supervision.resume(instance_id=instance_id, user=user)
