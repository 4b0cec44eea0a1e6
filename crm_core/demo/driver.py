"""Lets the demo company live through its days: customers write, people work, limits run out.

The clock is moved from one happening to the next; the real flows run, and every entry goes through the same
doors as a person's click. Nothing is written into history by hand, so inboxes, timelines, audit and
event log are genuine, with their own dates.
"""

from __future__ import annotations

import heapq
import itertools
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib.auth import get_user_model
from django.utils import translation

from crm_core.demo.company import ZONES, Company, PersonSpec
from crm_core.demo.habits import Field, Habits
from crm_core.demo.world import World
from processes import api, ports
from processes.errors import AlreadyDone, AlreadyTaken, Invalid, NotAllowed, NotFound
from processes.prepared import Prepared
from processes.runtime.models import Task, TaskCandidate

Happening = Callable[[], None]
OPENING, CLOSING = 9, 18
MISFITS = 4
"""How often a form that was refused is filled in again before the person leaves it."""


FRESH: Prepared[Task] = Prepared(
    lambda pk: Task.objects.stored().human().filter(status__literally=["NEW", "ASSIGNED"], pk__gt=pk)
    .select_related("process__definition").order_by("pk"),
    UUID,
)  # fmt: skip
"""Work of people that has appeared after a task; keys grow with time."""


class Driver:
    """Moves the clock and lets people and customers act."""

    def __init__(
        self, company: Company, habits: Habits, world: World, clock: ports.FixedClock, end: datetime
    ) -> None:
        self.company = company
        self.habits = habits
        self.world = world
        self.clock = clock
        self.end = end
        self.agenda: list[tuple[datetime, int, Happening]] = []
        self.order = itertools.count()
        self.seen: set[Any] = set()
        self.looked_at = UUID(int=0)
        self.counted: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()
        self.people = {person.username: person for person in company.people}
        self.users = {
            user.username: user for user in get_user_model().objects.filter(username__in=self.people)
        }
        self.names = {user.pk: user.username for user in self.users.values()}
        self.times: Counter[Any] = Counter()
        self.turn: dict[Any, int] = {}

    # --- the clock -----------------------------------------------------------------------------------------
    def at(self, moment: datetime, happening: Happening) -> None:
        """Put a happening on the agenda."""
        heapq.heappush(self.agenda, (moment, next(self.order), happening))

    def run(self, progress: Callable[[datetime, Counter[str]], None] | None = None) -> None:
        """Live until the end of the agenda or of the days."""
        day = None
        self.at(self.clock.now(), self.customers_look)
        api.drain()
        self.look_for_work()
        while True:
            due = api.next_due()
            moment = min((m for m in (due, self.agenda[0][0] if self.agenda else None) if m), default=None)
            if moment is None or moment > self.end:
                break
            if moment > self.clock.now():
                self.clock.move(moment)
            while self.agenda and self.agenda[0][0] <= self.clock.now():
                heapq.heappop(self.agenda)[2]()
            api.drain()
            self.look_for_work()
            if progress and day != self.clock.now().date():
                day = self.clock.now().date()
                progress(self.clock.now(), self.counted)
        self.clock.move(max(self.end, self.clock.now()))

    def customers_look(self) -> None:
        """Once an hour customers look at what has reached them."""
        self.world.look(self)
        self.at(self.clock.now() + timedelta(hours=1), self.customers_look)

    # --- people --------------------------------------------------------------------------------------------
    def look_for_work(self) -> None:
        """Plan who takes up each task that has appeared since the last look."""
        self.world.mails_arrive(self)
        for task in FRESH.all(self.looked_at):
            self.looked_at = task.pk
            if task.pk not in self.seen:
                self.seen.add(task.pk)
                self.plan(task)

    def plan(self, task: Task) -> None:
        """Choose who will take the task up, and when."""
        rng = self.rng(task)
        person = self.choose(task, rng)
        if person is None:
            self.counted["nobody"] += 1
            return
        now = self.clock.now()
        limit = task.due_at - now if task.due_at else None
        habit = person.habit
        if habit == "gaming" and now.astimezone().day >= 28:
            limit = timedelta(minutes=30)
        if task.node_id == "AcceptLead" and task.process.data.get("assign_note"):
            habit = "brisk"  # the manager has told them in person
        start = self.office_hours(now + self.habits.delay(habit, limit, rng), person)
        self.at(start, lambda: self.take_up(task, person))

    def rng(self, task: Task, *more: object) -> Any:
        """Chance for a task, the same in every build: keyed by what the task is, not by its id."""
        instance = task.process
        place = (instance.pk, task.node_id)
        if task.pk not in self.turn:
            self.times[place] += 1
            self.turn[task.pk] = self.times[place]  # a step done again is another chance
        return self.company.random(
            instance.definition.key, instance.business_key, task.node_id, task.loop_counter, self.turn[task.pk], *more
        )

    def choose(self, task: Task, rng: Any) -> PersonSpec | None:
        """Somebody whom the task is offered to; who is quick takes more of what lies open."""
        if task.owner_id:
            return self.people.get(self.names.get(task.owner_id, ""))
        rows = list(TaskCandidate.objects.filter(task=task).select_related("group"))
        excluded = {row.user_id for row in rows if row.excluded}
        found: dict[str, PersonSpec] = {}
        for row in rows:
            if row.excluded:
                continue
            members: list[Any] = [row.user] if row.user is not None else []
            if row.group is not None:
                members = ports.people().members(row.group.name, row.scope_key)
            for member in members:
                if member.pk not in excluded and member.username in self.people:
                    found[member.username] = self.people[member.username]
        if not found:
            return None
        # Where a role is asked in every office, those who answer sit where the record is.
        office = self.office_of(task)
        near = [name for name in sorted(found) if found[name].branch == office]
        people = [found[name] for name in near or sorted(found)]
        weights = [{"brisk": 5, "steady": 4, "slow": 2, "late": 2, "gaming": 1}[p.habit] for p in people]
        return rng.choices(people, weights)[0]

    def office_of(self, task: Task) -> str:
        """The key of the office whose record a task is about, or empty text."""
        kind = ports.subjects().get(task.process.subject_type)
        pk = task.process.subject_id
        record = kind.load(pk) if kind is not None and pk is not None else None
        branch = getattr(record, "branch", None)
        return branch.key if branch is not None else ""

    def office_hours(self, moment: datetime, person: PersonSpec) -> datetime:
        """The moment itself in office hours, else early on the next working day."""
        from zoneinfo import ZoneInfo

        local = moment.astimezone(ZoneInfo(ZONES[person.branch]))
        spread = timedelta(
            minutes=self.company.random("morning", person.username, local.date()).randint(0, 40)
        )
        while not (local.weekday() < 5 and OPENING <= local.hour < CLOSING):
            ahead = local if local.hour < OPENING else local + timedelta(days=1)
            local = ahead.replace(hour=OPENING, minute=0, second=0, microsecond=0) + spread
        return local

    def take_up(self, task: Task, person: PersonSpec) -> None:
        """Claim the task where it is on offer, and finish it after the time it takes."""
        user = self.users[person.username]
        if not task.owner_id:
            try:
                api.claim(task.pk, user=user)
            except (AlreadyTaken, AlreadyDone, NotFound):
                return
            except NotAllowed:
                self.refused[f"claim {task.node_id} {person.role}"] += 1
                return
        effort = self.habits.effort(person.habit, self.rng(task, "effort"))
        left = task.due_at - self.clock.now() if task.due_at else None
        if left is not None and timedelta(0) < left < timedelta(hours=2):
            effort = min(effort, left / 3)  # what must be quick is done quickly
        self.at(self.clock.now() + effort, lambda: self.finish(task, person))

    def finish(self, task: Task, person: PersonSpec) -> None:
        """Fill in the form and complete; what the form refuses is tried with other answers."""
        user = self.users[person.username]
        for attempt in range(MISFITS):
            try:
                with translation.override(user.language):
                    form = api.task_form(task.pk, user=user)
                    rng = self.rng(task, "answers", attempt)
                    data = self.habits.answers(
                        task.process.definition.key, task.form_key, self.fields(form, user),
                        habit=person.habit, at=self.clock.now(), rng=rng, chinese=person.branch != "paris",
                    )  # fmt: skip
                    self.world.before(self, task, person, data, rng)
                    api.complete(task.pk, user=user, data=data)
            except Invalid as error:
                for key, sentence in error.errors.items() or [("form", str(error))]:
                    self.refused[f"{task.form_key}.{key}: {sentence}"] += 1
                continue
            except (AlreadyDone, AlreadyTaken, NotFound):
                return
            except NotAllowed as error:
                self.refused[f"complete {task.node_id} {person.role}: {error}"] += 1
                return
            self.counted[f"{task.process.definition.key}.{task.node_id}"] += 1
            self.counted["tasks"] += 1
            self.world.after(self, task, person, data, rng)
            return
        self.counted["given up"] += 1

    def fields(self, form: Any, user: Any) -> list[Field]:
        """The fields of a task's form as the driver knows them."""
        return [
            Field(
                key=item.key, type=item.kind, values=[option.value for option in item.options],
                minimum=item.minimum, maximum=item.maximum, required=item.required, initial=item.value,
            )
            for item in form.fields if item.is_input and not item.readonly
        ]  # fmt: skip
