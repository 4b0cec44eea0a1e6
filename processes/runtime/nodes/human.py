"""Tasks that people do: whom they are offered to, until when, and what a person may do with them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from viewflow.workflow.activation import Activation as ViewflowActivation
from viewflow.workflow.status import STATUS

from processes import ports
from processes.bpmn.extensions import TaskExt, is_feel
from processes.bpmn.nodes import Task as TaskElement
from processes.runtime import assignment, clocks
from processes.runtime.failures import Failure
from processes.runtime.identities import group_id
from processes.runtime.models import Task, TaskCandidate
from processes.runtime.nodes.activities import ActivityActivation, ActivityNode
from processes.runtime.scope import evaluate_attribute
from processes.runtime.store import TASKS
from processes.spoken import gettext as _

if TYPE_CHECKING:
    from processes.runtime.step import Step

_status = ViewflowActivation.status


class HumanActivation(ActivityActivation):
    """A piece of work that waits for a person."""

    node: HumanTask

    @_status.transition(source=STATUS.NEW)
    def activate(self) -> None:
        ext = self.node.ext
        row = self.task
        if ext.priority:
            row.priority = self._priority(ext)
        if is_feel(self.node.role):
            row.role = self._role()
        row.form_key = ext.form
        row.icon = ext.icon
        excluded = self._excluded(ext)
        scope_key = self.node.place(self.step, row)
        owner = self._meant(ext, scope_key, excluded)
        clocks.begin(self.step, row, user_id=owner.pk if owner is not None else None)
        self._offer(scope_key, owner, excluded)
        if owner is not None:
            self.take(owner)

    def offer_anew(self, *, restart: bool) -> None:
        """Offer open work as the drawing says now: its instance has come to another version. Who has it keeps it
        while they have its role and may do it; with `restart` its limit begins anew."""
        ext, row = self.node.ext, self.task
        row.role = self._role() if is_feel(self.node.role) else self.node.role
        row.form_key, row.icon = ext.form, ext.icon
        self.step.touch(row, "role", "form_key", "icon", "data")
        TaskCandidate.objects.filter(task=row.pk).delete()
        excluded, scope_key = self._excluded(ext), self.node.place(self.step, row)
        owner = row.owner if row.owner_id is not None else None
        if owner is not None and (owner.pk in excluded or (row.role and row.role not in ports.people().roles_of(owner))):
            self.release()
            owner = None
        keeps = owner is not None
        owner = owner or self._meant(ext, scope_key, excluded)
        self._offer(scope_key, owner, excluded)
        if keeps:
            give_grants(self.step, self.node, row, owner)
        elif owner is not None:
            self.take(owner)
        if restart:
            clocks.restart(self.step, row)

    @_status.transition(source=[STATUS.NEW, STATUS.ASSIGNED], target=STATUS.ASSIGNED)
    def take(self, user: Any) -> None:
        """The task is this person's now."""
        row = self.task
        row.owner_id = user.pk
        row._state.fields_cache["owner"] = user
        row.assigned = self.step.now
        self.step.touch(row, "status", "owner", "assigned")
        give_grants(self.step, self.node, row, user)

    @_status.transition(source=STATUS.ASSIGNED, target=STATUS.NEW)
    def release(self) -> None:
        """The task is offered again."""
        row = self.task
        row.owner_id = None
        row._state.fields_cache.pop("owner", None)
        row.assigned = None
        self.step.touch(row, "status", "owner", "assigned")
        take_grants(self.node, row)

    def released(self) -> None:
        super().released()
        if self.task.owner_id is not None or self.task.assigned is not None:
            take_grants(self.node, self.task)

    # --- who -------------------------------------------------------------------------------------------
    def _role(self) -> str:
        """The role that an expression of the drawing names."""
        place = f"{self.node.node_id}/role"
        value = evaluate_attribute(self.step, self.node.role, self.task, place=place)
        if not isinstance(value, str) or not value:
            raise Failure("assignment", _("The role to offer this task to is not a name."), place=place)
        return value

    def _meant(self, ext: TaskExt, scope_key: str, excluded: set[int]) -> Any:
        """Whom the drawing gives the task to; None where it is on offer."""
        owner = self._assignee(ext)
        if owner is not None and owner.pk in excluded:
            owner = None
        if owner is None and ext.method and ext.method != "offer":
            owner = assignment.choose(
                self.step, self.task, method=ext.method, role=self.task.role, scope_key=scope_key, excluded=excluded
            )
        return owner

    def _assignee(self, ext: TaskExt) -> Any:
        if not ext.assignee:
            return None
        value = evaluate_attribute(self.step, ext.assignee, self.task, place=f"{self.node.node_id}/assignee")
        return assignment.person(value, place=f"{self.node.node_id}/assignee")

    def _excluded(self, ext: TaskExt) -> set[int]:
        """Ids of who did the task that this one is to be checked against, or whom an expression names (four eyes)."""
        if not ext.four_eyes:
            return set()
        if ext.four_eyes.startswith("="):
            place = f"{self.node.node_id}/fourEyes"
            value = evaluate_attribute(self.step, ext.four_eyes, self.task, place=place)
            people = [assignment.person(one, place=place) for one in (value if isinstance(value, list) else [value])]
            return {person.pk for person in people if person is not None}
        found = {
            row.completed_by_id
            for row in self.step.rows.values()
            if row.node_id == ext.four_eyes and row.completed_by_id is not None
        }
        if not self.step.is_new:
            stored = TASKS.select(
                "process_id = %s AND node_id = %s AND completed_by_id IS NOT NULL",
                [self.step.instance.pk, ext.four_eyes],
            )
            found |= {row.completed_by_id for row in stored}
        return {pk for pk in found if pk is not None}

    def pass_to(self, role: str) -> None:
        """Offer it to another role, within its place where somebody there has the role; who has it has it no more."""
        row = self.task
        group = group_id(role)
        if group is None:
            raise _no_such_role(role, self.node.node_id)
        scope_key = self.node.place(self.step, row)
        if scope_key and not ports.people().members(role, scope_key):
            scope_key = ""
        row.role = role
        self.step.touch(row, "role")
        TaskCandidate.objects.filter(task=row.pk, excluded=False).delete()
        self.step.candidates.append(TaskCandidate(task_id=row.pk, group_id=group, scope_key=scope_key))
        if row.owner_id is not None:
            self.release()

    def _offer(self, scope_key: str, owner: Any, excluded: set[int]) -> None:
        """Write the candidates: the role within its place, the assigned person, and who may not."""
        step, row, role = self.step, self.task, self.task.role
        if role:
            group = group_id(role)
            if group is None:
                raise _no_such_role(role, self.node.node_id)
            step.candidates.append(TaskCandidate(task_id=row.pk, group_id=group, scope_key=scope_key))
        if owner is not None:
            step.candidates.append(TaskCandidate(task_id=row.pk, user_id=owner.pk))
        elif not role and step.instance.started_by_id is not None:
            step.candidates.append(TaskCandidate(task_id=row.pk, user_id=step.instance.started_by_id))
        for user_id in sorted(excluded):
            step.candidates.append(TaskCandidate(task_id=row.pk, user_id=user_id, excluded=True))

    # --- how urgent ------------------------------------------------------------------------------------
    def _priority(self, ext: TaskExt) -> int:
        place = f"{self.node.node_id}/priority"
        value = evaluate_attribute(self.step, ext.priority, self.task, place=place)
        try:
            return max(0, min(100, int(value)))
        except (TypeError, ValueError) as error:
            raise Failure("assignment", _("The priority is not a number from 0 to 100."), place=place) from error


class HumanTask(ActivityNode):
    """A user or manual task."""

    task_type = "human"
    activation_class = HumanActivation
    element: TaskElement

    @property
    def ext(self) -> TaskExt:
        """Our attributes of it."""
        return self.element.task

    def place(self, step: Step, row: Task) -> str:
        scope = self.ext.scope
        if not scope or scope == "any":
            return ""
        if scope.strip().startswith("="):
            value = evaluate_attribute(step, scope, row, place=f"{self.node_id}/scope")
            return str(value) if value else ""
        kind = ports.subjects().get(step.instance.subject_type)
        record = step.subject_record()
        return kind.scope_keys(record).get(scope, "") if kind is not None and record is not None else ""


def _no_such_role(role: str, place: str) -> Failure:
    return Failure("assignment", _("There is no role “%(role)s” to offer this task to.") % {"role": role}, place=place)


def source(row: Task) -> str:
    """The name under which a step's grants are given and taken back."""
    return f"task:{row.pk}"


def give_grants(step: Step, node: HumanTask, row: Task, user: Any) -> None:
    """Give the person what the step declares on the subject."""
    if node.ext.grants and step.subject is not None:
        ports.grants().give(user=user, subject=step.subject, actions=node.ext.grants, source=source(row))


def take_grants(node: HumanTask, row: Task) -> None:
    """Take back what the step gave."""
    if node.ext.grants:
        ports.grants().take(source=source(row))


