"""Everything the page of a task shows, gathered from the engine's door and the CRM's selectors.

Only words and shapes are made here: what may be done, what is asked and what comes next is
what `api.task_form` says.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.http import QueryDict
from django.utils.translation import gettext as _

from admin_ext import words
from admin_ext.customers.beside import Customer, customer_of, open_cases_of, story_of, suggested_articles
from admin_ext.customers.log import log_kinds, may_log
from admin_ext.inbox.beside import Panel, panel_of
from admin_ext.inbox.rows import Badge, badge_of
from admin_ext.inbox.whys import Why, whys_of
from processes import api, ports


@dataclass(frozen=True, slots=True)
class Step:
    """A step in the strip of what happens next."""

    name: str
    detail: str
    icon: str
    here: bool = False
    end: bool = False


@dataclass(frozen=True, slots=True)
class Clock:
    """What may be done with the clock of a task, and how it stands still."""

    may_stop: bool = False
    may_start: bool = False
    state: str = ""


@dataclass(frozen=True, slots=True)
class Check:
    """A line of the checklist."""

    key: str
    text: str
    done: bool


@dataclass
class Work:
    """A task as its page shows it."""

    id: UUID
    instance_id: UUID
    title: str
    reference: str
    process_title: str
    subject_title: str
    subject_url: str
    badge: Badge | None
    due: words.Due | None
    limit: str
    clock: Clock
    customer: Customer | None
    mine: bool
    may_claim: bool
    may_complete: bool
    may_release: bool
    may_draft: bool
    may_pass: bool
    came_from: str
    for_whom: str
    state_note: str
    state_icon: str
    fields: tuple[Any, ...]
    whys: list[Why]
    guidance: str
    checklist: list[Check]
    comments: list[Any]
    steps: list[Step]
    meanwhile: str
    fingerprint: str
    complete_label: str
    draft_words: str
    colleagues: list[Any] = field(default_factory=list)
    may_log: bool = False
    log_kinds: list[tuple[str, Any]] = field(default_factory=list)
    story: list[Any] = field(default_factory=list)
    similar: list[Any] = field(default_factory=list)
    articles: list[Any] = field(default_factory=list)
    beside: Panel | None = None

    @property
    def checks_done(self) -> str:
        """“2 of 4 done”."""
        return _("{done} of {all} done").format(done=sum(c.done for c in self.checklist), all=len(self.checklist))

    @property
    def checks_percent(self) -> int:
        """The share of the checklist that is done."""
        return round(100 * sum(c.done for c in self.checklist) / len(self.checklist)) if self.checklist else 0


def gather(task_id: UUID, *, user: Any, raw: QueryDict | None = None, errors: Mapping[str, str] | None = None) -> Work:
    """The page of a task. With `raw` and `errors` the form shows what was just sent, and what is wrong with it."""
    form = api.task_form(task_id, user=user)
    item = form.item
    subject = item.subject
    customer = customer_of(user, subject)
    kind = ports.subjects().get(subject.type) if subject else None
    record = kind.load(subject.id) if kind and kind.visible(user).filter(pk=subject.id).exists() else None
    mine = item.owner_id == user.pk
    note, icon = _state(form, item, user)
    fields = form.shown(raw=raw, errors=errors or {})
    return Work(
        id=item.task_id,
        instance_id=item.instance_id,
        title=ports.text(item.title),
        reference=item.business_key or "",
        process_title=ports.text(item.process_title),
        subject_title=subject.title if subject else "",
        subject_url=kind.url(record) if kind and record is not None else "",
        badge=badge_of(item.badge),
        due=words.due(item.due_at, item.limit_started_at, item.warn_at, item.standstill),
        limit=_limit(item),
        clock=clock_of(form, item),
        customer=customer,
        mine=mine,
        may_claim=form.may_claim,
        may_complete=form.may_complete,
        may_release=form.may_release,
        may_draft=form.may_complete,
        may_pass=mine or form.may_complete,
        came_from=ports.people().display(form.came_from) if mine else "",
        for_whom=ports.people().display(form.acting_for),
        state_note=note,
        state_icon=icon,
        fields=fields,
        whys=whys_of(fields, form.explanations),
        guidance=ports.text(form.guidance),
        checklist=[Check(c.key, ports.text(c.labels), c.done) for c in form.checklist],
        comments=list(form.comments),
        steps=_steps(form, item, user),
        meanwhile=ports.text(form.customer),
        fingerprint=form.fingerprint,
        complete_label=_("Complete"),
        draft_words=_("Draft kept %(when)s") % {"when": words.ago(form.draft_at)} if form.draft_at else "",
        colleagues=list(form.colleagues),
        may_log=bool(subject and subject.id) and may_log(user),
        log_kinds=log_kinds(),
        story=story_of(user, customer),
        similar=open_cases_of(user, customer, besides=subject),
        articles=suggested_articles(user, subject),
        beside=panel_of(subject.type, record, user) if subject else None,
    )


def clock_of(form: Any, item: Any) -> Clock:
    """How the clock of a task stands, and whether the person may stop it or let it run."""
    still = item.standstill
    if still is None:
        return Clock(may_stop=item.due_at is not None and form.may_pause)
    return Clock(may_start=form.may_pause, state=standing_words(still))


def standing_words(still: Any) -> str:
    """How a clock stands still, why, and until when, in a sentence."""
    state = words.standing_still(still)
    reason = ": ".join(part for part in (ports.text(still.labels), still.note) if part)
    if still.until is not None:
        return _("The clock %(state)s. %(reason)s. It runs again %(when)s by itself.") % {
            "state": state, "reason": reason, "when": words.moment(still.until),
        }  # fmt: skip
    return _("The clock %(state)s. %(reason)s.") % {"state": state, "reason": reason}


def _limit(item: Any) -> str:
    if item.due_at is None or item.limit_started_at is None:
        return ""
    return _("of %(limit)s") % {"limit": words.span(item.due_at - item.limit_started_at)}


def _state(form: Any, item: Any, user: Any) -> tuple[str, str]:
    if item.status in ("DONE", "CANCELED"):
        return _("This task is finished. Nothing more is asked here."), "task_alt"
    if form.may_complete and form.acting_for is not None:
        words = {"absent": ports.people().display(form.acting_for)}
        return _("%(absent)s is away, and you stand in. What you do here is written down as done by you for them.") % words, "event_busy"
    if form.may_complete:
        return "", ""
    if form.may_claim:
        return form.state_sentence, "front_hand"
    if item.owner_id and item.owner_id != user.pk:
        return form.state_sentence, "person_check"
    return _("You may read this, but not work on it."), "visibility"


def _steps(form: Any, item: Any, user: Any) -> list[Step]:
    """This step and what comes after it, by the drawing."""
    until = words.due(item.due_at, item.limit_started_at, item.warn_at, item.standstill)
    who = _("You") if item.owner_id == user.pk else item.owner_name
    here = " · ".join(part for part in (who, until.words if until else "") if part)
    steps = [Step(ports.text(item.title), here, "person", here=True)]
    steps.extend(
        Step(ports.text(step.labels), ports.text(step.detail), step.icon or "circle", end=step.is_end)
        for step in form.next_steps
    )
    return steps
