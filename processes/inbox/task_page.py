"""What the page of a task shows, in the reader's language: form, guidance, reasons, what was, what comes.

Nothing here writes, and nothing needs the version to compile: a task of a version that this program can no
longer run is still readable.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import get_language

from processes import feel, ports
from processes.bpmn.model import Task as TaskElement
from processes.errors import NotFound
from processes.inbox import work
from processes.inbox.ahead import Ahead, steps_ahead
from processes.inbox.clock_doors import may_pause
from processes.inbox.explanations import Explanation, explanations
from processes.inbox.form_model import CHOOSING
from processes.inbox.form_view import Shown, present
from processes.inbox.forms import FormSchema, limit
from processes.inbox.models import InstanceFollower, TaskComment
from processes.inbox.reading import Reading, choice_words, task_of
from processes.inbox.standing import Standing, standing_of, who_for
from processes.inbox.supervision import may_supervise
from processes.inbox.taking import came_from, colleagues
from processes.inbox.visibility import tasks_seen
from processes.inbox.work import WorkItem
from processes.runtime.models import HUMAN_KINDS, STATUS, Task
from processes.spoken import gettext as _

MOST_COLLEAGUES = 100
MOST_COMMENTS = 50
MOST_BEFORE = 8
CHECKS = "_check"
"""The name under which the ticks of the checklist come with an answer or a draft."""


@dataclass(frozen=True)
class Check:
    """A line of the checklist."""

    key: str
    labels: Mapping[str, str]
    done: bool


@dataclass(frozen=True)
class Comment:
    """What somebody said."""

    who: str
    at: datetime
    text: str


@dataclass(frozen=True)
class Colleague:
    """Somebody to whom the task may be handed on."""

    id: int
    name: str


@dataclass(frozen=True)
class Choice:
    """A value that a field offers, and what it is called."""

    value: Any
    label: str


@dataclass(frozen=True)
class FormField:
    """A field with its values as FEEL knows them, for programs that fill in forms."""

    key: str
    type: str
    kind: str
    label: str
    value: Any
    required: bool
    readonly: bool
    hidden: bool
    minimum: Any
    maximum: Any
    options: tuple[Choice, ...]
    bind: str
    is_input: bool = True


@dataclass(frozen=True)
class Before:
    """A step that was done: its names, who did it and when, and the whole as a sentence."""

    labels: Mapping[str, str]
    who: str
    at: datetime
    sentence: str


def task_form(task_id: UUID, *, user: Any) -> TaskForm:
    """The page of a task; NotFound unless the person may look at it."""
    task = task_of(task_id)
    if task.owner_id != user.pk and not Task.objects.filter(tasks_seen(user), pk=task.pk).exists():
        raise NotFound(_("There is no such task."))
    return TaskForm(Reading(task, user))


class TaskForm:
    """A task's page. What costs queries is looked up when it is asked for, and once."""

    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        self.task = reading.task
        self.user = reading.user

    # --- what it is about ------------------------------------------------------------------------------
    @cached_property
    def item(self) -> WorkItem:
        """The task as a line of the inbox."""
        from processes.inbox.selectors import item_of

        return item_of(self.task, ports.now())

    @property
    def limit_words(self) -> str:
        """How long the step may take, and when that began: “1 h of working time, since 09:12”."""
        if self.task.due_at is None or self.task.limit_started_at is None:
            return ""
        element = self._element
        length = work.span(self.task.due_at - self.task.limit_started_at)
        since = timezone.localtime(self.task.limit_started_at).strftime("%H:%M")
        if element is not None and element.task.limit_time == "working":
            return _("%(length)s until then, in working time, since %(since)s") % {"length": length, "since": since}
        return _("%(length)s, since %(since)s") % {"length": length, "since": since}

    @property
    def guidance(self) -> Mapping[str, str]:
        """What the drawing advises whoever does the step; light Markdown by language."""
        return self._element.guidance if self._element is not None else {}

    @property
    def customer(self) -> Mapping[str, str]:
        """What the customer sees or does meanwhile, by language."""
        return self._element.customer if self._element is not None else {}

    @property
    def checklist(self) -> list[Check]:
        """The lines to tick, with the ticks of the draft or of the finished task."""
        ticked = set((self.task.draft or {}).get(CHECKS) or self.task.data.get("checks") or ())
        items = self._element.checklist if self._element is not None else ()
        return [Check(item.key, item.texts, item.key in ticked) for item in items]

    # --- what may be done ------------------------------------------------------------------------------
    @cached_property
    def standing(self) -> Standing:
        """What the person may do, and why not more."""
        return standing_of(self.task, self.user)

    @property
    def may_claim(self) -> bool:
        return self.standing.may_claim

    @property
    def may_release(self) -> bool:
        return self.standing.may_release

    @property
    def may_complete(self) -> bool:
        return self.standing.may_complete

    @cached_property
    def may_pause(self) -> bool:
        """Whether the person may stop the clock of the task, or let it run again. Leads of whom it is merely offered to
        may too, but are not looked for here."""
        if not self.task.is_open or (self.task.due_at is None and self.task.paused_at is None):
            return False
        if self.task.owner_id is None:
            return may_supervise(self.task.process, self.user)
        return may_pause(self.task, self.user)

    @property
    def acting_for(self) -> Any | None:
        """The absent person in whose stead the person may do this."""
        return self.standing.acting_for

    @cached_property
    def came_from(self) -> Any | None:
        """The colleague from whom it was handed on to the person, to whom it can be handed back."""
        return came_from(self.task, self.user)

    @property
    def state_sentence(self) -> str:
        """How the task stands, where the person may not finish it."""
        return self.standing.sentence

    @cached_property
    def is_followed(self) -> bool:
        """Whether the person follows the instance."""
        return InstanceFollower.objects.filter(instance=self.task.process_id, user=self.user).exists()

    # --- the form --------------------------------------------------------------------------------------
    @property
    def form(self) -> FormSchema:
        """The step's form at the task's version."""
        return self.reading.form

    @cached_property
    def values(self) -> Mapping[str, Any]:
        """What the fields start with: the draft over the record and the variables."""
        starting = self.form.initial(self.reading.context)
        draft = self.task.draft if self.task.is_open else None
        return self.form.typed(draft, starting) if draft else starting

    @cached_property
    def fingerprint(self) -> str:
        """A mark of the state the form was opened on, to complete it with."""
        return fingerprint_of(self.reading)

    @property
    def draft_at(self) -> datetime | None:
        """When the draft was kept, None without one."""
        return self.task.draft_at if self.task.draft else None

    def shown(
        self, raw: Mapping[str, Any] | None = None, errors: Mapping[str, str] | None = None,
        language: str | None = None,
    ) -> tuple[Shown, ...]:  # fmt: skip
        """The form's components. With `raw` the fields hold what was just sent, with `errors` what is wrong."""
        values = self.values
        if raw is not None:
            values = self.form.typed(raw, self.form.initial(self.reading.context))
        return present(
            self.form, values, self.reading.context, user=self.user, language=language or get_language(), errors=errors,
            words=choice_words(self.reading.version),
        )  # fmt: skip

    @cached_property
    def fields(self) -> tuple[FormField, ...]:
        """The fields with typed values, in the form's order."""
        form, context = self.form, self.reading.context
        hidden = form.hidden(self.values, context)
        scope = {**context, **{k: None if k in hidden else v for k, v in self.values.items()}}
        language = get_language()
        return tuple(
            FormField(
                key=item.key, type=item.type, kind=item.kind, label=ports.text(item.labels, language),
                value=self.values.get(item.key), required=form.is_required(item, scope),
                readonly=form.is_readonly(item, scope), hidden=item.key in hidden,
                minimum=limit(item, item.minimum, scope), maximum=limit(item, item.maximum, scope),
                options=tuple(
                    Choice(value, ports.text(label, language) or str(value))
                    for value, label in form.options(item, user=self.user, context=scope)
                ) if item.type in CHOOSING else (),
                bind=item.bind,
            )
            for item in form.fields
        )  # fmt: skip

    # --- around it -------------------------------------------------------------------------------------
    @cached_property
    def explanations(self) -> list[Explanation]:
        """Why the decisions so far came out as they did."""
        return explanations(self.task.process)

    @cached_property
    def comments(self) -> list[Comment]:
        """What was said in this instance, oldest first."""
        rows = TaskComment.objects.filter(instance=self.task.process_id).select_related("author", "acting_for").order_by("-at")
        return [Comment(who_for(row.author, row.acting_for), row.at, row.text) for row in reversed(rows[:MOST_COMMENTS])]

    @cached_property
    def colleagues(self) -> list[Colleague]:
        """Whom the task may be handed on to: everybody it is offered to, without who may not do it."""
        people = ports.people()
        others = [person for person in colleagues(self.task) if person.pk != self.task.owner_id]
        found = [Colleague(person.pk, people.display(person)) for person in people.available(others, ports.now())]
        return sorted(found, key=lambda person: person.name)[:MOST_COLLEAGUES]

    @cached_property
    def previous_steps(self) -> list[Before]:
        """The last steps that people did in this instance, oldest first, each as a sentence."""
        done = (
            Task.objects.filter(Q(process=self.task.process_id), kind__in=HUMAN_KINDS, is_body=False, status=STATUS.DONE)
            .exclude(pk=self.task.pk)
            .select_related("completed_by", "completed_for")
            .stored()
            .order_by("-finished")[:MOST_BEFORE]
        )
        return [_before(row) for row in reversed(done)]

    @property
    def next_steps(self) -> list[Ahead]:
        """What usually comes after this step, by the drawing; nothing when the task is closed."""
        return steps_ahead(self.reading.model, self.task.node_id) if self.task.is_open else []

    def drawing(self, language: str | None = None) -> str:
        """The drawing with the tokens of the instance on it, as SVG."""
        from processes.runtime import pictures

        return pictures.drawing(instance_id=self.task.process_id, language=language or get_language())

    @cached_property
    def _element(self) -> TaskElement | None:
        element = self.reading.element
        return element if isinstance(element, TaskElement) else None


def fingerprint_of(reading: Reading) -> str:
    """A mark of what a form was opened on: who has the task, its form, and the stored values its fields show.

    Defaults that are worked out anew each time are not part of it.
    """
    context = reading.context
    stored = {}
    for item in reading.form.fields:
        subject, dot, name = item.bind.partition(".")
        view = context.get(subject) if dot else None
        value = view.get(name) if isinstance(view, Mapping) else context.get(item.key)
        try:
            stored[item.key] = feel.to_json(value)
        except ValueError:
            stored[item.key] = str(value)
    state = [str(reading.task.pk), reading.task.owner_id, reading.task.status, reading.version.content_hash,
             reading.task.form_key, stored]  # fmt: skip
    return hashlib.sha256(json.dumps(state, sort_keys=True, default=str).encode()).hexdigest()[:32]


def _before(row: Task) -> Before:
    who = who_for(row.completed_by, row.completed_for) if row.completed_by is not None else ""
    finished = row.finished or row.created
    local = timezone.localtime(finished)
    sentence = _("%(person)s finished “%(step)s” on %(day)s at %(time)s.") % {
        "person": who or _("Nobody in particular"), "step": str(row), "day": local.strftime("%Y-%m-%d"),
        "time": local.strftime("%H:%M"),
    }  # fmt: skip
    return Before(row.labels, who, finished, sentence)
