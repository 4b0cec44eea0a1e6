"""The names that an expression in a drawing may use, looked up only when it uses them.

The subject by its type's name, `task`, `user` and `instance`, then local variables (of a multi-instance
child or sub-process), then the instance's variables. Loading the subject costs queries, so nothing is
fetched before an expression asks for it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from processes import feel, ports
from processes.bpmn.nodes import TASK_KINDS
from processes.runtime.failures import Failure
from processes.spoken import gettext as _

if TYPE_CHECKING:
    from processes.runtime.models import Task
    from processes.runtime.step import Step

_ACTIVITIES = TASK_KINDS | {"callActivity", "subProcess", "transaction", "adHocSubProcess"}
_MISSING = object()


def user_view(user: Any) -> dict[str, Any] | None:
    """What expressions may know of a person."""
    if user is None:
        return None
    people = ports.people()
    return {
        "id": user.pk, "username": user.get_username(), "name": people.display(user),
        "roles": people.roles_of(user),
    }  # fmt: skip


class Scope(Mapping[str, Any]):
    """A lazy context of FEEL values for one row of a step."""

    def __init__(self, step: Step, row: Task | None, extra: Mapping[str, Any] | None = None) -> None:
        self.step = step
        self.row = row
        self._known: dict[str, Any] = dict(extra or {})
        self._local: dict[str, Any] | None = None

    def __getitem__(self, name: str) -> Any:
        value = self._known.get(name, _MISSING)
        if value is _MISSING:
            value = self._known[name] = self._find(name)
        return value

    def get(self, name: str, default: Any = None) -> Any:
        try:
            return self[name]
        except KeyError:
            return default

    def __contains__(self, name: object) -> bool:
        return name in set(self)

    def __iter__(self) -> Iterator[str]:
        names = dict.fromkeys(self._known)
        names.update(dict.fromkeys(("task", "user", "instance")))
        if self.step.instance.subject_type:
            names[self.step.instance.subject_type] = None
        names.update(dict.fromkeys(self._locals()))
        names.update(dict.fromkeys(self.step.instance.data))
        return iter(names)

    def __len__(self) -> int:
        return sum(1 for _name in self)

    def _locals(self) -> dict[str, Any]:
        if self._local is None:
            self._local = self.step.local_variables(self.row)
        return self._local

    def _find(self, name: str) -> Any:
        if name == self.step.instance.subject_type and name:
            return dict(self.step.subject_view())
        if name == "task":
            return self._task()
        if name == "user":
            return user_view(self.step.user or self.step.instance.last_actor)
        if name == "instance":
            return self._instance()
        local = self._locals()
        if name in local:
            return feel.from_json(local[name])
        if name in self.step.instance.data:
            return feel.from_json(self.step.instance.data[name])
        raise KeyError(name)

    def _task(self) -> dict[str, Any] | None:
        row = self.row
        if row is not None and row.armed and row.host_id:
            row = self.step.row(row.host_id)
        for _hop in range(20):  # from a gateway or event back to the activity before it
            if row is None or row.kind in _ACTIVITIES:
                break
            row = self.step.row(row.prev_task_id)
        if row is None:
            return None
        return {
            "id": str(row.pk), "name": ports.text(row.labels, "en"), "limit": row.due_at,
            "attempts": row.attempts, "started_at": row.created, "finished_at": row.finished,
            "completed_by": user_view(row.completed_by) if row.completed_by_id else None,
            "owner": user_view(row.owner) if row.owner_id else None,
        }  # fmt: skip

    def _instance(self) -> dict[str, Any]:
        instance = self.step.instance
        version = self.step.flow._version
        return {
            "id": str(instance.pk), "key": instance.business_key, "started_at": instance.created,
            "started_by": user_view(instance.started_by) if instance.started_by_id else None,
            "version": version.number if version is not None else None,
        }  # fmt: skip


def evaluate(step: Step, text: str, row: Task | None, *, place: str, extra: Mapping[str, Any] | None = None) -> Any:
    """The value of a FEEL expression at a row; Failure when it gives a diagnostic (the runtime is strict)."""
    result = feel.evaluate(text, step.scope(row, extra), clock=lambda: step.now, tz=step.zone)
    if result.diagnostics:
        raise Failure(
            "expression",
            _("The expression “%(text)s” cannot be worked out: %(why)s")
            % {"text": text[:200], "why": result.diagnostics[0].reason},
            place=place,
        )
    return result.value


def evaluate_attribute(
    step: Step, text: str, row: Task | None, *, place: str, extra: Mapping[str, Any] | None = None
) -> Any:
    """The value of one of our attributes: FEEL when it begins with "=", else the text itself."""
    stripped = text.strip()
    if not stripped.startswith("="):
        return stripped
    return evaluate(step, stripped[1:].strip(), row, place=place, extra=extra)


def condition(step: Step, text: str, row: Task | None, *, place: str, extra: Mapping[str, Any] | None = None) -> bool:
    """Whether a condition holds; Failure when it is neither true nor false."""
    value = evaluate(step, text, row, place=place, extra=extra)
    if value is not True and value is not False:
        raise Failure(
            "expression",
            _("The condition “%(text)s” is neither true nor false.") % {"text": text[:200]},
            place=place,
        )
    return value
