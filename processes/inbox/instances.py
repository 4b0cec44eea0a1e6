"""The list of instances: what is wanted of them, a page of it, and how many there are, counted no further than need be.

What is wanted can be stored, so that work in bulk means the same rows as the list it was begun from.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from processes import ports
from processes.catalog.models import ProcessDefinition
from processes.errors import Invalid
from processes.inbox import supervision
from processes.inbox.visibility import seen_instances
from processes.inbox.work import cursor_of, place_of
from processes.runtime.models import PROCESS, STATUS, ProcessInstance, Task
from processes.spoken import gettext as _

STATES = ("running", "late", "incident", "suspended", "ended", "completed", "terminated", "error", "cancelled")
MOST = 200
COUNTED = 1000
"""How far instances are counted: of more than this it is said that there are more."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which instances: of a process (`key`) and the `version` of a number, in a `state`, with a token on an element
    (`step`), about a record (`subject_type` and `subject_id`), begun at least `days` ago, whose business key begins with
    `text`. What is empty is not asked for."""

    key: str = ""
    version: int | None = None
    state: str = ""
    step: str = ""
    subject_type: str = ""
    subject_id: int | None = None
    days: int | None = None
    text: str = ""

    def stored(self) -> dict[str, Any]:
        """As JSON, without what is empty."""
        return {name: value for name, value in asdict(self).items() if value not in ("", None)}

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> Wanted:
        """What `stored` kept; names that are unknown by now are passed over."""
        known = {field.name for field in fields(cls)}
        return cls(**{name: value for name, value in stored.items() if name in known})


@dataclass(frozen=True)
class InstancePage:
    """A page of instances, newest first; `next_cursor` leads on."""

    items: list[ProcessInstance]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class Counted:
    """How many there are; `more` says that there are more than that."""

    n: int
    more: bool


def matching(user: Any, wanted: Wanted) -> QuerySet[ProcessInstance]:
    """The instances that are wanted and that the person may see. Invalid for a state there is not."""
    rows = seen_instances(user)
    if wanted.key:
        # By a value, not by a join: then the index of a process' instances gives them in the order of the list.
        rows = rows.filter(definition=Subquery(ProcessDefinition.objects.filter(key=wanted.key).values("pk")[:1]))
    if wanted.version is not None:
        rows = rows.filter(version__number=wanted.version)
    if wanted.state:
        rows = rows.filter(_state(wanted.state))
    if wanted.step:
        there = Task.objects.tokens().filter(process=OuterRef("pk"), node_id=wanted.step, is_body=False)
        rows = rows.filter(Exists(_troubled(there, wanted.state)), status=PROCESS.NEW)
    if wanted.subject_type and wanted.subject_id is not None:
        rows = rows.filter(subject_type=wanted.subject_type, subject_id=wanted.subject_id)
    if wanted.days is not None:
        rows = rows.filter(created__lte=ports.now() - timedelta(days=wanted.days))
    if wanted.text:
        begun = wanted.text.strip()
        rows = rows.filter(Q(business_key__startswith=begun) | Q(business_key__startswith=begun.upper()))
    return rows


def _state(state: str) -> Q:
    if state not in STATES:
        raise Invalid(_("There is no state “%(state)s”.") % {"state": state})
    running = Q(status=PROCESS.NEW)
    inside = Task.objects.tokens().filter(process=OuterRef("pk"), is_body=False)
    return {
        "running": running & Q(suspended=False), "suspended": running & Q(suspended=True),
        "late": running & Q(Exists(_troubled(inside, "late"))), "incident": running & Q(Exists(_troubled(inside, "incident"))),
        "ended": ~running,
    }.get(state, Q(outcome=state))  # fmt: skip


def _troubled(rows: Any, state: str) -> Any:
    """Of open rows those that make an instance late or failed; all of them for any other state."""
    if state == "late":
        return rows.filter(due_at__lt=ports.now())
    return rows.filter(status=STATUS.ERROR) if state == "incident" else rows


def page(user: Any, wanted: Wanted, *, after: str | None = None, limit: int = 50) -> InstancePage:
    """A page of the instances that are wanted, newest first."""
    rows = matching(user, wanted)
    if after:
        created, pk = place_of(after, datetime, UUID)
        rows = rows.filter(created__lte=created).exclude(created=created, pk__gte=pk)
    size = max(1, min(limit, MOST))
    found = list(rows.select_related("definition", "version").defer("data", "version__bpmn", "version__forms")
                 .order_by("-created", "-pk")[: size + 1])  # fmt: skip
    cursor = cursor_of(found[size - 1].created, found[size - 1].pk) if len(found) > size else None
    return InstancePage(found[:size], cursor)


def count(user: Any, wanted: Wanted, *, most: int = COUNTED, actable: bool = False) -> Counted:
    """How many are wanted, counted to `most`; with `actable` only the running ones that the person may act on."""
    rows = matching(user, wanted).order_by()
    if actable:
        rows = rows.filter(supervision.actable(user), status=PROCESS.NEW)
    n = rows[: most + 1].count()
    return Counted(min(n, most), n > most)
