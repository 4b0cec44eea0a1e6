"""The access check with which every use case begins."""

from __future__ import annotations

from typing import Any

from django.db.models import Model

from crm_core.kernel.access.policies import policy_for


def allow(by: Any, action: str, record: Model | type[Model], *, trusted: bool = False) -> None:
    """Pass if `by` may do `action` on a record (or, with a model and "add", create one).

    `by` None is the system: a public form, a timer. `trusted` is said by process actions alone:
    there the drawing has decided, and `by` is only who caused the step. Raises `Denied`.
    """
    if by is None or trusted:
        return
    policy_for(record).require(by, action, None if isinstance(record, type) else record)


def allow_place(by: Any, record: Model) -> None:
    """Pass if the record that `by` just made lies within the reach of the right to add such records.

    To be called in the transaction that made it: the refusal takes it back. Raises `Denied`.
    """
    policy = policy_for(record)
    if by is not None and not policy.rows(by, "add").filter(pk=record.pk).exists():
        raise policy.denied(by, "add", None)
