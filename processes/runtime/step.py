"""A step: everything that one event does to one instance, in one transaction under the instance's lock.

BPMN 2.0.2, chapter 13, as a token game on rows. A token that arrives at a node either rests there (an open
row is added) or passes at once (a row is added that is done already). Nothing is written while the tokens
move: at the end of the step new rows go in with one statement, changed rows with one each, the instance with
one if it changed at all. There is one object per row in a step, so nothing can be overwritten with something
older.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from functools import cached_property
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import transaction
from viewflow.workflow.signals import flow_finished
from viewflow.workflow.status import PROCESS, STATUS

from processes import feel, ports
from processes.errors import AlreadyDone, NotFound, ProcessError
from processes.ports import Subject
from processes.runtime import clocks, settling
from processes.runtime.delivery import deliver_soon, push_job
from processes.runtime.failures import Failure
from processes.runtime.flow import ProcessFlow, flow_of
from processes.runtime.locks import locking, patiently
from processes.runtime.models import (
    OPEN,
    ClockEvent,
    Outbox,
    ProcessInstance,
    Task,
    TaskCandidate,
    VariableChange,
)
from processes.runtime.scope import Scope
from processes.runtime.store import CANDIDATES, CHANGES, CLOCK_EVENTS, INSTANCES, OUTBOX, TASKS
from processes.runtime.together import execute
from processes.spoken import gettext as _

if TYPE_CHECKING:
    from processes.catalog.models import DecisionEvaluation
    from processes.runtime.nodes.base import Node
    from processes.runtime.nodes.waiting import HandlerStart

BUDGET = 2_000
"""How many nodes one step may pass: a loop without a wait ends in an incident instead of spinning for ever."""

MAX_VARIABLE = 256 * 1024
"""The longest JSON text of one variable, in characters."""

SECOND_LOOKS = (timedelta(seconds=2), timedelta(minutes=1))
"""When a condition on a record is asked again after it began to wait."""

_moving: ContextVar[frozenset[UUID]] = ContextVar("redraw_moving", default=frozenset())
_OPEN_SQL = "('" + "', '".join(str(state) for state in OPEN) + "')"


@dataclass(slots=True)
class Arrival:
    """A token on its way to a node: the flow it comes by, the row it comes from, the row it is inside."""

    node: Node
    flow: str
    prev: Task | None
    parent: Task | None


class Step:
    """The rows of one instance while it is being moved."""

    def __init__(
        self, instance: ProcessInstance, flow: type[ProcessFlow], *, user: Any = None, is_new: bool = False
    ) -> None:
        self.instance = instance
        self.flow = flow
        self.user = user
        self.now: datetime = ports.now()
        self.is_new = is_new
        self.rows: dict[UUID, Task] = {}
        self.added: list[Task] = []
        self.candidates: list[TaskCandidate] = []
        self.outbox: list[Outbox] = []
        self.changes: list[VariableChange] = []
        self.evaluations: list[DecisionEvaluation] = []
        self.clock_events: list[ClockEvent] = []
        self.queue: deque[Arrival] = deque()
        self.passed = 0
        self.jobs: list[Task] = []
        self.waiting_for: list[str] = []
        self.caller: Step | None = None
        self.escalated: list[tuple[str, str]] = []
        self.stirred: set[UUID | None] = set()
        self.signals: list[tuple[str, dict[str, Any]]] = []
        self.variables_changed = False
        self._dirty: dict[UUID, set[str]] = {}
        self._guarded: dict[UUID, str] = {}
        self._instance_dirty: set[str] = set()
        self._loaded: set[UUID | None] = {None} if is_new else set()
        self._loaded_all = False
        self._calendars: dict[tuple[int | None, str], Any] = {}
        self._subject: list[Any] | None = None
        self._seen: Mapping[str, Any] | None = None
        if user is not None and instance.last_actor_id != user.pk:
            instance.last_actor_id = user.pk
            self._instance_dirty.add("last_actor")

    # --- rows ------------------------------------------------------------------------------------------
    def load_all(self) -> None:
        """Bring in the open rows of every scope."""
        if self.is_new or self._loaded_all:
            return
        for row in TASKS.select(f"process_id = %s AND status IN {_OPEN_SQL}", [self.instance.pk]):
            self.adopt(row)
        self._loaded_all = True

    def begin_with(self, rows: Iterable[Task]) -> None:
        """Take in the rows that were read with the lock: all open ones outside sub-processes, and others."""
        for row in rows:
            self.adopt(row)
        self._loaded.add(None)

    def load(self, parent: UUID | None = None) -> None:
        """Bring in the open rows of a scope (None: of the instance itself)."""
        if parent is not None and parent in self.rows and self.rows[parent]._state.adding:
            return  # what is inside is as new as the row itself
        if parent in self._loaded or self._loaded_all:
            return
        where, params = f"process_id = %s AND status IN {_OPEN_SQL} AND parent_id ", [self.instance.pk]
        if parent is not None:
            params.append(parent)
        for row in TASKS.select(where + ("IS NULL" if parent is None else "= %s"), params):
            self.adopt(row)
        self._loaded.add(parent)

    def load_beside(self, row: Task) -> None:
        """Bring in the open rows beside a row; but not the other runs of a multi-instance activity: there may be
        thousands, and they know nothing of each other."""
        parent = self.parent_of(row)
        if parent is not None and not parent.is_body:
            self.load(parent.pk)

    def adopt(self, row: Task) -> Task:
        """Make a stored row one of this step; the row known already stays the one."""
        known = self.rows.get(row.pk)
        if known is not None:
            return known
        row._state.fields_cache["process"] = self.instance
        self.rows[row.pk] = row
        return row

    def row(self, task_id: UUID | None) -> Task | None:
        """A row of this instance by id, open or not."""
        if task_id is None:
            return None
        found = self.rows.get(task_id)
        if found is None:
            stored = TASKS.select("id = %s AND process_id = %s", [task_id, self.instance.pk])
            found = self.adopt(stored[0]) if stored else None
        return found

    def add(self, row: Task) -> Task:
        """A new row, written at the end of the step."""
        row._state.fields_cache["process"] = self.instance
        self.rows[row.pk] = row
        self.added.append(row)
        return row

    def touch(self, row: Task, *names: str) -> None:
        """Say that fields of a row changed; new rows are written whole anyway."""
        if not row._state.adding:
            self._dirty.setdefault(row.pk, set()).update(names)

    def guard(self, row: Task, state: str) -> None:
        """Write a row only if it still stands in `state` with the same owner: claims do not take the lock."""
        self._guarded[row.pk] = state

    def touch_instance(self, *names: str) -> None:
        """Say that fields of the instance changed."""
        self._instance_dirty.update(names)

    def open_rows(self, parent: Task | None) -> list[Task]:
        """Open rows directly in a scope."""
        key = parent.pk if parent is not None else None
        self.load(key)
        return [row for row in self.rows.values() if row.parent_id == key and row.status in OPEN]

    def tokens(self, parent: Task | None) -> list[Task]:
        """Open rows of a scope on which a token rests."""
        return [row for row in self.open_rows(parent) if not row.armed]

    def clear(self, parent: Task | None, *, but: Task | None = None) -> None:
        """Take every token and every armed event of a scope away, and what is on its way in it."""
        for row in self.open_rows(parent):
            if row is not but:
                self.node(row).cancel(self, row)
        self.queue = deque(arrival for arrival in self.queue if arrival.parent is not parent)

    def handlers_of(self, parent: Task | None) -> tuple[HandlerStart, ...]:
        """The starts of the event sub-processes of a scope."""
        return self.flow._handlers if parent is None else getattr(self.node(parent), "handlers", ())

    def watch_handlers(self, handlers: Iterable[HandlerStart], parent: Task | None) -> None:
        """Let the event sub-processes of a scope that has begun wait for what starts them."""
        for handler in handlers:
            if handler.waits and (parent is None or parent.status in OPEN):
                handler.watch(self, parent)

    def armed_by(self, host: Task) -> list[Task]:
        """Open rows that wait on behalf of a host."""
        return [row for row in self.open_rows(self.parent_of(host)) if row.host_id == host.pk]

    def parent_of(self, row: Task) -> Task | None:
        """The row this one lives inside."""
        return self.row(row.parent_id)

    def node(self, row: Task) -> Node:
        """The node of a row."""
        return self.flow.node_of(row.node_id)

    # --- names and values ------------------------------------------------------------------------------
    @property
    def subject(self) -> Subject | None:
        """What the instance is about."""
        if not self.instance.subject_type or self.instance.subject_id is None:
            return None
        return Subject(self.instance.subject_type, self.instance.subject_id)

    @cached_property
    def zone(self) -> tzinfo:
        """The time zone in which dates of this instance are read."""
        return ports.calendars().zone_for(self.subject, self.subject_record())

    @cached_property
    def calendar(self) -> Any:
        """The working calendar that limits of this instance use."""
        return ports.calendars().for_subject(self.subject, self.subject_record())

    def calendar_of(self, user_id: int | None, place: str) -> Any:
        """The working calendar that limits of a step use which a person has, or which is offered to a place."""
        if user_id is None and not place:
            return self.calendar
        found = self._calendars.get((user_id, place))
        if found is None:
            found = ports.calendars().for_work(self.subject, self.subject_record(), user_id=user_id, place=place)
            self._calendars[user_id, place] = found
        return found

    def subject_record(self) -> Any:
        """The record the instance is about, loaded once in a step (and again after `forget_subject`)."""
        if self._subject is None:
            kind, pk = self._kind(), self.instance.subject_id
            self._subject = [kind.load(pk) if kind is not None and pk is not None else None]
        return self._subject[0]

    def subject_view(self) -> Mapping[str, Any]:
        """The declared fields of the record, worked out when they are first asked for."""
        if self._seen is None:
            kind, record = self._kind(), self.subject_record()
            self._seen = kind.view(record) if kind is not None and record is not None else {}
        return self._seen

    def _kind(self) -> ports.SubjectType | None:
        return ports.subjects().get(self.instance.subject_type) if self.instance.subject_type else None

    def forget_subject(self) -> None:
        """The record may have changed: an action or a form has written. Conditions that wait are asked."""
        self._subject = self._seen = None
        self.variables_changed = True

    def scope(self, row: Task | None, extra: Mapping[str, Any] | None = None) -> Scope:
        """The names an expression at this row may use."""
        return Scope(self, row, extra)

    def local_variables(self, row: Task | None) -> dict[str, Any]:
        """Variables local to the row and to what it lives inside, as JSON; inner ones hide outer ones."""
        chain: list[dict[str, Any]] = []
        while row is not None:
            local = row.data.get("local")
            if local:
                chain.append(local)
            row = self.parent_of(row)
        found: dict[str, Any] = {}
        for local in reversed(chain):
            found.update(local)
        return found

    def set_variables(self, values: Mapping[str, Any], row: Task | None, *, reason: str = "") -> None:
        """Set variables where they live: in the nearest scope that has the name, else in the instance.

        Values are FEEL values; raises Failure for what cannot be kept or is too long.
        """
        for name, value in values.items():
            try:
                stored = feel.to_json(value)
            except feel.NotReadable as error:
                raise Failure(
                    "variable", _("The variable “%(name)s” got a value that cannot be kept: %(why)s")
                    % {"name": name, "why": error.sentence},
                ) from error  # fmt: skip
            if isinstance(stored, str | list | dict) and len(str(stored)) > MAX_VARIABLE:
                raise Failure(
                    "variable", _("The value for the variable “%(name)s” is too long.") % {"name": name}
                )
            holder = self._holder(name, row)
            if holder is not None:
                holder.data["local"][name] = stored
                self.touch(holder, "data")
            else:
                if name in self.instance.data and self.instance.data[name] == stored:
                    continue
                self.instance.data[name] = stored
                self._instance_dirty.add("data")
            self.variables_changed = True
            self.changes.append(
                VariableChange(
                    instance_id=self.instance.pk, task_id=row.pk if row is not None else None, name=name,
                    value=stored, at=self.now, by_id=self.user.pk if self.user else None, reason=reason,
                )
            )  # fmt: skip

    def _holder(self, name: str, row: Task | None) -> Task | None:
        while row is not None:
            if name in row.data.get("local", ()):
                return row
            row = self.parent_of(row)
        return None

    def look_again(self, row: Task) -> None:
        """Ask a condition on the record once more a little later: who changed the record in the very same moment
        could not see yet that somebody waits."""
        for pause in SECOND_LOOKS:
            self.outbox.append(
                Outbox(kind="ask", task_id=row.pk, instance_id=self.instance.pk, created=self.now,
                       next_attempt_at=self.now + pause)
            )  # fmt: skip

    # --- moving ----------------------------------------------------------------------------------------
    def send(self, node: Node, *, flow: str = "", prev: Task | None = None, parent: Task | None = None) -> None:
        """Put a token on its way to a node."""
        self.queue.append(Arrival(node, flow, prev, parent))

    def run(self) -> None:
        """Move the tokens until all rest, then see to joins, scopes and the end of the instance."""
        while True:
            while self.queue:
                self.passed += 1
                arrival = self.queue.popleft()
                if self.passed > BUDGET:
                    arrival.node.refuse(
                        self, arrival,
                        Failure("loop", _("This step went through %(n)s elements without a wait. The drawing has a "
                                          "loop that never rests.") % {"n": BUDGET}),
                    )  # fmt: skip
                    self.queue.clear()
                    break
                if arrival.parent is None or arrival.parent.status in OPEN:  # else its scope was taken away
                    arrival.node.arrive(self, arrival)
            if not settling.settle(self):
                return

    def end(self, outcome: str, *, node: Node | None = None, error: dict[str, Any] | None = None) -> None:
        """The instance is over; rows that still wait are taken away."""
        instance = self.instance
        for row in self.open_rows(None):
            self.node(row).cancel(self, row)
        clocks.stop(self, instance)
        instance.status = PROCESS.CANCELED if outcome == ProcessInstance.Outcome.CANCELLED else PROCESS.DONE
        instance.finished = self.now
        instance.outcome = outcome
        instance.error = error
        self.touch_instance("status", "finished", "outcome", "error")
        if self.user is not None:
            instance.ended_by_id = self.user.pk
            self.touch_instance("ended_by")
        if node is not None:
            self.end_event(node)
        self.queue.clear()
        flow_finished.send(sender=self.flow, process=instance, task=None)
        settling.tell_parent(self)

    def end_event(self, node: Node) -> None:
        """Remember the last end event, whose name tells how it came out."""
        self.instance.end_node = node.node_id
        self.instance.end_labels = node.labels
        self.touch_instance("end_node", "end_labels")

    # --- writing ---------------------------------------------------------------------------------------
    def write(self) -> None:
        """Write everything that changed; AlreadyDone when a guarded row was taken meanwhile."""
        from processes.runtime.outbox import wake_kept

        statements = []
        if self.is_new:
            statements += INSTANCES.inserting([self.instance])
        elif self._instance_dirty:
            statements.append(INSTANCES.updating(self.instance, self._instance_dirty))
        statements += TASKS.inserting(self.added)
        guarded = {}
        for pk, names in self._dirty.items():
            where, params = "", []
            if pk in self._guarded:
                guarded[len(statements)] = pk
                where, params = " AND status = %s", [self._guarded[pk]]
            statements.append(TASKS.updating(self.rows[pk], names, where=where, params=params))
        statements += CANDIDATES.inserting(self.candidates)
        statements += CHANGES.inserting(self.changes)
        statements += OUTBOX.inserting(self.outbox)
        statements += CLOCK_EVENTS.inserting(self.clock_events)
        answers = execute(TASKS.connection(), statements)
        if any(answers[number].count != 1 for number in guarded):
            raise AlreadyDone(_("Somebody else has just taken or finished this task."))
        if self.is_new:
            INSTANCES.written([self.instance])
            self.is_new = False
        TASKS.written(self.added)
        if self.evaluations:
            type(self.evaluations[0]).objects.bulk_create(self.evaluations)
        at_once = [row.pk for row in self.outbox if row.next_attempt_at is None or row.next_attempt_at <= self.now]
        if at_once:
            deliver_soon(at_once)
        for row in self.jobs:
            if row.status == STATUS.SCHEDULED:
                push_job(row.pk, row.attempts)
        if self.waiting_for:
            wake_kept(self.waiting_for)
        self._dirty, self._instance_dirty, self.jobs, self.waiting_for = {}, set(), [], []
        self.added, self.candidates, self.changes, self.outbox, self.evaluations = [], [], [], [], []
        self.clock_events = []


@contextmanager
def moving(instance_id: UUID) -> Iterator[None]:
    """Refuse a second step on the same instance from inside the first (an action that calls the door)."""
    inside = _moving.get()
    if instance_id in inside:
        raise ProcessError(
            _("An action cannot move the process instance that it is part of. Draw the step instead."),
            code="reentrant_step",
        )
    token = _moving.set(inside | {instance_id})
    try:
        yield
    finally:
        _moving.reset(token)


@contextmanager
def step(
    instance_id: UUID | None = None, *, user: Any = None, task: UUID | None = None, skip_locked: bool = False,
    ended_is_fine: bool = False, savepoint: bool = True,
) -> Iterator[Step | None]:  # fmt: skip
    """Lock an instance, load its open rows, and at the end of the block move its tokens and write.

    The instance is named by its id or by one of its tasks, which is then loaded too. Gives None when
    `skip_locked` found the instance locked, or when it has ended and `ended_is_fine`. Raises NotFound,
    AlreadyDone for an ended instance, LockTimeout, NotRunnable. Without `savepoint` the transaction that the
    caller has begun fails as a whole when the step does.
    """
    with transaction.atomic(savepoint=savepoint):
        instance, rows = _locked(instance_id, task, skip_locked=skip_locked)
        if instance is None:
            yield None
            return
        with moving(instance.pk):
            if instance.status != PROCESS.NEW:
                if ended_is_fine:
                    yield None
                    return
                raise AlreadyDone(_("This process instance has ended."))
            current = Step(instance, flow_of(instance.version_id), user=user)
            current.begin_with(rows)
            yield current
            current.run()
            current.write()


def _locked(
    instance_id: UUID | None, task_id: UUID | None, *, skip_locked: bool
) -> tuple[ProcessInstance | None, list[Task]]:
    """The locked instance with its open rows outside sub-processes and the open row of the task."""
    which, named_by = "%s", instance_id
    if instance_id is None:
        which, named_by = f"(SELECT process_id FROM {TASKS.table} WHERE id = %s)", task_id  # noqa: S608
    where, params = f"process_id = {which} AND status IN {_OPEN_SQL} AND (parent_id IS NULL", [named_by]
    if task_id is not None:
        where, params = f"{where} OR id = %s", [*params, task_id]
    with patiently():
        locked, read = execute(
            INSTANCES.connection(),
            [locking(f"id = {which}", [named_by], skip_locked=skip_locked), TASKS.selecting(where + ")", params)],
        )
    if locked.rows:
        return INSTANCES.rows(locked)[0], TASKS.rows(read)
    if instance_id is None and not Task.objects.filter(pk=task_id).exists():
        raise NotFound(_("There is no such task."))
    if instance_id is not None and not ProcessInstance.objects.filter(pk=instance_id).exists():
        raise NotFound(_("There is no such process instance."))
    return None, []
