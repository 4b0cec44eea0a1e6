"""Who gets a task when it is not simply offered: by simple, explainable rules.

`round_robin` takes whoever got work of this step longest ago, `least_load` whoever has the least open work,
`account_manager` the owner of the subject, `previous` whoever did a task of this role in the instance last.
Absent people are passed over; when nobody is left the task is offered to the role.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.contrib.auth import get_user_model
from django.db.models import Count

from processes import ports
from processes.prepared import Prepared
from processes.runtime.failures import Failure
from processes.runtime.models import Task
from processes.spoken import gettext as _

if TYPE_CHECKING:
    from processes.runtime.step import Step

METHODS = ("offer", "round_robin", "least_load", "account_manager", "previous")


_active: Prepared[Any] = Prepared(lambda pk: get_user_model().objects.filter(pk=pk, is_active=True), int)
_last_turn: Prepared[tuple[datetime | None]] = Prepared(
    lambda node, owner: Task.objects.filter(node_id=node, owner=owner, assigned__isnull=False).order_by("-assigned").values_list("assigned"),
    str, int,
)  # fmt: skip
"""When a person was given work of a step last: one row of an index, however long the history."""


def person(value: Any, *, place: str) -> Any:
    """The active user meant by an id, a username, or a context with one of them; None for null.

    Failure for a value that names nobody.
    """
    if isinstance(value, dict):
        value = value.get("id") or value.get("username")
    if value is None or value == "":
        return None
    users = get_user_model()
    if isinstance(value, str) and not value.isdigit():
        found = users.objects.filter(**{users.USERNAME_FIELD: value}, is_active=True).first()
    else:
        try:
            found = _active.first(int(value))
        except (TypeError, ValueError):
            found = None
    if found is None:
        raise Failure("assignment", _("The person to do this task does not exist or is not active."), place=place)
    return found


def choose(step: Step, row: Task, *, method: str, role: str, scope_key: str, excluded: set[int]) -> Any:
    """The person a method gives the task to; None offers it to the role."""
    if method == "account_manager":
        kind = ports.subjects().get(step.instance.subject_type)
        record = step.subject_record()
        people = [kind.owner(record)] if kind is not None and record is not None else []
    elif method == "previous":
        people = [_previous(step, row, role)]
    else:
        people = _by_figures(row, method, ports.people().members(role, scope_key))
    for user in people:
        if user is not None and user.pk not in excluded and ports.people().is_available(user, step.now):
            return user
    return None


def _previous(step: Step, row: Task, role: str) -> Any:
    done = (
        Task.objects.stored()
        .filter(process=step.instance.pk, role=role, completed_by__isnull=False)
        .select_related("completed_by")
        .order_by("-finished", "-id")
        .first()
    )
    return done.completed_by if done is not None else None


def _by_figures(row: Task, method: str, members: list[Any]) -> list[Any]:
    """Members in the order in which they are due for work."""
    if not members:
        return []
    if method == "least_load":
        waiting = Task.objects.human().waiting().filter(owner__in=members)
        figures = waiting.values("owner").annotate(n=Count("pk"))
        load = {figure["owner"]: figure["n"] for figure in figures}
        return sorted(members, key=lambda user: (load.get(user.pk, 0), user.pk))
    if method == "round_robin":
        turns = {user.pk: _last_turn.first(row.node_id, user.pk) for user in members}
        last = {pk: turn[0].timestamp() for pk, turn in turns.items() if turn is not None and turn[0] is not None}
        return sorted(members, key=lambda user: (last.get(user.pk, 0.0), user.pk))
    raise Failure("assignment", _("The way of assigning “%(method)s” is not known.") % {"method": method})
