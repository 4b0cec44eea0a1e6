"""One instance moved: its open rows written over to the elements that stand for theirs, under its lock.

What waits goes on waiting where the plan lets it; what the new drawing adds (events on borders, event
sub-processes) is armed; offers are worked out anew, and who has a task keeps it while they have its role. Then the
tokens are moved as in any step, since a join may have become complete, and the result is checked before it is kept.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Case, Value, When
from viewflow.workflow.status import PROCESS, STATUS

from processes import ports
from processes.bpmn.model import Event, FlowNode, Model, SubProcess
from processes.bpmn.nodes import Task as TaskElement
from processes.errors import AlreadyDone
from processes.instance_migration.assessing import WORK, Problem, kept_event, problems_of
from processes.instance_migration.planning import Plan
from processes.runtime import clocks
from processes.runtime.clock_models import CLOCK
from processes.runtime.failures import Failure
from processes.runtime.flow import ProcessFlow
from processes.runtime.locks import locked_instance
from processes.runtime.models import OPEN, ProcessInstance, Task, TaskCandidate
from processes.runtime.nodes.activities import ActivityNode
from processes.runtime.nodes.base import Activation
from processes.runtime.nodes.gateways import EventBasedGateway, Join
from processes.runtime.nodes.human import HumanActivation, give_grants
from processes.runtime.nodes.human import source as grant_source
from processes.runtime.nodes.scopes import EventScopeNode
from processes.runtime.nodes.waiting import WaitingNode
from processes.runtime.step import Step, moving
from processes.runtime.store import INSTANCES, TASKS, Store, execute
from processes.spoken import gettext as _
from processes.spoken import named

WRITTEN = (
    "node_id", "kind", "labels", "role", "form_key", "icon", "status", "scheduled", "next_attempt_at", "event_key", "armed",
    "host_id", "arrived_by", "priority", *CLOCK, "data", "error", "owner_id", "assigned",
    "finished", "attempts",
)  # fmt: skip
"""The fields of a row that moving may change."""


class Stays(Exception):
    """The instance cannot move; nothing was changed."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("; ".join(problem.sentence for problem in problems))
        self.problems = problems


def move(
    instance_id: UUID, plan: Plan, *, source: Model, target: type[ProcessFlow], source_version: UUID, user: Any
) -> dict[str, Any]:
    """Move one instance; gives what its rows held before, for `put_back`.

    Raises Stays with the problems, AlreadyDone when it has ended or is on another version by now, LockTimeout.
    """
    with moving(instance_id), transaction.atomic():
        instance = locked_instance(instance_id)
        if instance is None or instance.status != PROCESS.NEW or instance.version_id != source_version:
            raise AlreadyDone(_("This process instance has ended, or has been moved already."))
        step = Step(instance, target, user=user)
        step.load_all()
        rows = list(step.rows.values())
        problems = problems_of(rows, source, target._model, plan)
        if problems:
            raise Stays(problems)
        before = _snapshot(instance, rows)
        try:
            _rename_passed(instance_id, plan.renamed)
            _Move(step, source, plan).carry_out(rows)
            step.run()
            went_on = any(not row.armed for row in step.added)
            step.write()
            _check(step)
        except Failure as failure:
            raise Stays([Problem("cannot", failure.place, failure.sentence)]) from failure
        return {**before, "after": _standing(step.rows.values()), "went_on": went_on}


class _Move:
    """The rows of an instance on their way."""

    def __init__(self, step: Step, source: Model, plan: Plan) -> None:
        self.step, self.source, self.plan = step, source, plan
        self.target = step.flow._model
        self.was: dict[UUID, str] = {}
        """The element of the old drawing by row."""

    def carry_out(self, rows: list[Task]) -> None:
        """Write the rows over, then see to what waits on their behalf, offers and timers."""
        instance = self.step.instance
        version = self.step.flow._version
        if version is None:
            raise TypeError("A flow without a version cannot be moved to.")
        instance.version_id = version.pk
        instance._state.fields_cache.pop("version", None)
        instance.__dict__["flow_class"] = self.step.flow.flow_ref()
        self.step.touch_instance("version", "flow_class")
        self.was = {row.pk: row.node_id for row in rows}
        waiting = [row for row in rows if row.armed and not row.kind.endswith("Gateway")]
        resting = [row for row in rows if row not in waiting]
        hosts = {row.pk: row for row in resting}
        stay = [row for row in waiting if self._keep(row, hosts.get(row.host_id) if row.host_id else None)]
        for row in resting:
            self._rest(row)
        for row in resting:
            self._join(row)
        for row in resting:
            if row.status in OPEN:
                armed = {self.was[one.pk] for one in waiting if one.host_id == row.pk}
                self._arm(row, [one for one in stay if one.host_id == row.pk], armed)
        scopes: list[Task | None] = [None, *(row for row in resting if self.step.node(row).holds_tokens)]
        for scope in scopes:
            self._watch(scope, stay, waiting, resting)
        self.step.stirred.update(row.parent_id for row in resting)
        self.step.stirred.update(row.pk for row in resting if self.step.node(row).holds_tokens)

    def _write_over(self, row: Task, goal: str) -> None:
        node = self.step.flow.node_of(goal)
        row.node_id, row.kind, row.labels = node.node_id, node.kind, dict(node.labels)
        row.__dict__["flow_task"] = node.ref
        row.flow_task_type = node.kind
        row.arrived_by = self.plan.flows.get(row.arrived_by, row.arrived_by)
        if "fired" in row.data:
            row.data["fired"] = [self.plan.flows.get(flow, flow) for flow in row.data["fired"]]
        self.step.touch(row, "node_id", "kind", "labels", "flow_task", "flow_task_type", "arrived_by", "data")

    # --- what waits on behalf of others ------------------------------------------------------------------
    def _keep(self, row: Task, host: Task | None) -> bool:
        """Let an armed row wait on, or take it away: it is armed anew if the new drawing has it."""
        host_goal = self.plan.target(host.node_id) if host is not None else ""
        goal = kept_event(row, host_goal, self.source, self.target, self.plan)
        if not goal or row.status == STATUS.ERROR:
            Activation(row, self.step).cancel()
            return False
        self._write_over(row, goal)
        return True

    def _over(self, events: Iterable[str], armed: set[str]) -> set[str]:
        """Of events of the old drawing those that wait no more, as they are called in the new one."""
        return {goal for event in events if event not in armed and (goal := self.plan.target(event))}

    def _arm(self, row: Task, kept: list[Task], armed: set[str]) -> None:
        """Begin to wait for what the drawing puts on the border of a row, or behind an event-based gateway; what
        was there and has happened is over."""
        node, there = self.step.node(row), {one.node_id for one in kept}
        if row.status == STATUS.ERROR:
            return
        if isinstance(node, EventBasedGateway):
            for flow in node.flows:
                if flow.target.node_id not in there:
                    flow.target.arm(self.step, row, flow=flow.id)
        elif isinstance(node, ActivityNode) and not row.data.get("early"):
            parent = self.step.parent_of(row)
            there |= self._over((e.id for e in self.source.boundaries_of(self.was[row.pk])), armed)
            if parent is None or not parent.is_body:
                for event in node.boundaries:
                    if event.waits and event.node_id not in there and row.status in OPEN:
                        event.watch(self.step, row)

    def _watch(self, scope: Task | None, kept: list[Task], waiting: list[Task], resting: list[Task]) -> None:
        """Begin to wait for what starts the event sub-processes of a scope, unless one of them has taken it over."""
        key = scope.pk if scope is not None else None
        inside = [self.step.node(row) for row in resting if row.parent_id == key]
        if any(isinstance(node, EventScopeNode) and _interrupted(node) for node in inside):
            return
        there = {row.node_id for row in kept if row.parent_id == key and row.host_id is None}
        armed = {self.was[row.pk] for row in waiting if row.parent_id == key and row.host_id is None}
        was = self.was[scope.pk] if scope is not None else self.source.process.id
        there |= self._over((start.id for start in _handler_starts(self.source, was)), armed)
        self.step.watch_handlers([h for h in self.step.handlers_of(scope) if h.node_id not in there], scope)

    # --- what rests ---------------------------------------------------------------------------------------
    def _rest(self, row: Task) -> None:
        old = self.source.nodes.get(row.node_id)
        restart = self.plan.restarts(row.node_id)
        was_human = row.is_human
        self._write_over(row, self.plan.target(row.node_id))
        node = self.step.node(row)
        act = node.activation(self.step, row)
        if row.status == STATUS.ERROR or row.is_body or row.data.get("early"):
            return
        if was_human and isinstance(act, HumanActivation):
            if isinstance(old, TaskElement) and old.task.grants:
                ports.grants().take(source=grant_source(row))
            act.offer_anew(restart=restart)
        elif isinstance(node, WaitingNode):
            self._wait_on(row, node, act, restart)
            if restart and isinstance(node, ActivityNode):
                clocks.restart(self.step, row)
        elif row.kind in WORK and row.status == STATUS.SCHEDULED and _acts_otherwise(old, node.element):
            self._begin(row, act)

    def _join(self, row: Task) -> None:
        """A token that waits at a join may be all that the join needs now."""
        node = self.step.node(row)
        if isinstance(node, Join) and row.status == STATUS.STARTED and not row.armed:
            if node.is_join:
                node.token_came(self.step, row)
            else:
                node.activation(self.step, row).finish()

    def _wait_on(self, row: Task, node: WaitingNode, act: Activation, restart: bool) -> None:
        """A timer runs on unless it begins anew; a message or signal is waited for by its name and key of now."""
        definition = node.definition_of(row)
        if definition is None or (definition.kind == "timer" and not restart) or definition.kind == "conditional":
            return
        self._begin(row, act)

    def _begin(self, row: Task, act: Activation) -> None:
        row.status, row.scheduled, row.next_attempt_at, row.event_key = STATUS.NEW, None, None, ""
        self.step.touch(row, "status", "scheduled", "next_attempt_at", "event_key")
        act.activate()


def _acts_otherwise(old: FlowNode | None, new: FlowNode) -> bool:
    """Whether an automatic step does something else now, so that what was made ready for it is of no use."""
    return not (isinstance(old, TaskElement) and isinstance(new, TaskElement) and old.action == new.action)


def _handler_starts(model: Model, scope: str) -> Iterable[Event]:
    """The starts of the event sub-processes of a scope."""
    for node in model.nodes_of(scope):
        if isinstance(node, SubProcess) and node.triggered_by_event:
            yield from model.starts_of(node.id)


def _interrupted(node: EventScopeNode) -> bool:
    return any(getattr(start.element, "is_interrupting", False) for start in node.starts)


# --- before and after ----------------------------------------------------------------------------------------------
def _snapshot(instance: ProcessInstance, rows: Iterable[Task]) -> dict[str, Any]:
    rows = list(rows)
    offers = TaskCandidate.objects.filter(task__in=[row.pk for row in rows])
    return {
        "version": str(instance.version_id),
        "rows": {str(row.pk): {name: getattr(row, name) for name in WRITTEN} for row in rows},
        "offers": list(offers.values("task_id", "group_id", "user_id", "scope_key", "excluded")),
    }


def _standing(rows: Iterable[Task]) -> dict[str, list[Any]]:
    """The open rows as far as they tell whether something has moved."""
    return {str(row.pk): [row.node_id, str(row.status), row.owner_id] for row in rows if row.status in OPEN}


def _rename_passed(instance_id: UUID, renamed: dict[str, str]) -> None:
    """Let what was passed already stand under the new ids: four eyes, compensation and figures ask by them."""
    if renamed:
        cases = [When(node_id=old, then=Value(new)) for old, new in renamed.items()]
        Task.objects.filter(process=instance_id, node_id__in=renamed).exclude(status__in=OPEN).update(node_id=Case(*cases))


def _check(step: Step) -> None:
    """Failure unless every open row stands on an element of its kind, in its place, with its events armed."""
    open_rows = [row for row in step.rows.values() if row.status in OPEN]
    if step.instance.status != PROCESS.NEW:
        return
    for row in open_rows:
        node = step.flow._by_id.get(row.node_id)
        if node is None or node.kind != row.kind:
            raise _broken(row)
        parent = step.rows.get(row.parent_id) if row.parent_id else None
        if parent is not None and parent.status not in OPEN:
            raise _broken(row)
        if row.armed or row.status == STATUS.ERROR or not isinstance(node, ActivityNode) or row.data.get("early"):
            continue
        if parent is not None and parent.is_body:
            continue
        armed = {one.node_id for one in open_rows if one.host_id == row.pk}
        if any(event.waits and event.node_id not in armed and not _may_be_over(event) for event in node.boundaries):
            raise _broken(row)


def _may_be_over(event: WaitingNode) -> bool:
    """A boundary event that does not interrupt and happened for the last time waits no more."""
    return not event.interrupts


def _broken(row: Task) -> Failure:
    return Failure(
        "migration", _("After the move “%(step)s” would not stand as the drawing says.") % {"step": named(row.labels, row.node_id)},
        place=row.node_id,
    )


# --- and back ------------------------------------------------------------------------------------------------------
def put_back(
    instance_id: UUID, before: dict[str, Any], plan: Plan, *, source: type[ProcessFlow], target_version: UUID, user: Any
) -> None:
    """Put a moved instance back as it was. Raises Stays when it has gone on since, AlreadyDone when it has ended."""
    with moving(instance_id), transaction.atomic():
        instance = locked_instance(instance_id)
        if instance is None or instance.status != PROCESS.NEW or instance.version_id != target_version:
            raise AlreadyDone(_("This process instance has ended, or has been moved on since."))
        step = Step(instance, source, user=user)
        step.load_all()
        if before["went_on"]:
            raise Stays([Problem("cannot", "", _("When it was moved its tokens went on at once; to go back would lose that."))])
        if _standing(step.rows.values()) != before["after"]:
            raise Stays([Problem("cannot", "", _("It has gone on in the new version since; to go back would lose that."))])
        for name, row in {str(row.pk): row for row in step.rows.values()}.items():
            if name not in before["rows"]:
                row.status, row.finished, row.next_attempt_at = STATUS.CANCELED, step.now, None
                _store(TASKS, row, ["status", "finished", "next_attempt_at"])
        for pk, values in before["rows"].items():
            _restore(step, UUID(pk), values)
        _restore_offers(before)
        _rename_passed(instance_id, {new: old for old, new in plan.renamed.items()})
        instance.version_id = UUID(before["version"])
        instance.__dict__["flow_class"] = source.flow_ref()
        _store(INSTANCES, instance, ["version", "flow_class"])


def _store(store: Store[Any], row: Any, names: Iterable[str]) -> None:
    execute(store.connection(), [store.updating(row, names)])


def _restore(step: Step, pk: UUID, values: dict[str, Any]) -> None:
    row = step.row(pk)
    if row is None:
        raise AlreadyDone(_("A part of this process instance is gone; it cannot be taken back."))
    had = row.owner_id
    for name, value in values.items():
        field = Task._meta.get_field(name)
        setattr(row, name, value if value is None else field.to_python(value))
    row._state.fields_cache.pop("owner", None)
    node = step.flow.node_of(row.node_id)
    row.__dict__["flow_task"] = node.ref
    row.flow_task_type = node.kind
    _store(TASKS, row, [*WRITTEN, "flow_task", "flow_task_type"])
    if row.is_human and (had is not None or row.owner_id is not None):
        ports.grants().take(source=grant_source(row))
        if row.owner_id is not None and row.status == STATUS.ASSIGNED:
            give_grants(step, node, row, row.owner)


def _restore_offers(before: dict[str, Any]) -> None:
    TaskCandidate.objects.filter(task__in=before["rows"]).delete()
    TaskCandidate.objects.bulk_create(TaskCandidate(**offer) for offer in before["offers"])

