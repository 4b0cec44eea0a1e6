"""The inbox and the page of a task. One template: on a wide screen list and work, on a telephone one of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from admin_ext.customers.beside import customers_of
from admin_ext.inbox.address import InboxState
from admin_ext.inbox.later import choices as snooze_choices
from admin_ext.inbox.rows import groups_of, row_of
from admin_ext.inbox.work import Work, gather
from admin_ext.pages import page
from processes import api, ports

PER_PAGE = 50


@dataclass(frozen=True, slots=True)
class Box:
    """One of the boxes with its number."""

    key: str
    label: str
    count: int | None
    current: bool


@dataclass(frozen=True, slots=True)
class Choice:
    """One choice of a filter."""

    label: str
    query: str
    current: bool


@dataclass(frozen=True, slots=True)
class Filter:
    """A filter with its choices; `is_data` when their names are records' and are not translated."""

    label: str
    chosen: str
    clear: str
    choices: list[Choice]
    is_data: bool = False


@page
def home(request: HttpRequest) -> HttpResponse:
    """The front door leads to the inbox."""
    return redirect("redraw:inbox")


@page
def inbox(request: HttpRequest) -> HttpResponse:
    """The list, and on a wide screen the first task of it."""
    return show(request, task_id=None)


@page
def work(request: HttpRequest, task_id: UUID) -> HttpResponse:
    """The page of a task; on a wide screen with the list beside it."""
    return show(request, task_id=task_id)


def show(request: HttpRequest, *, task_id: UUID | None, raw: QueryDict | None = None,
         errors: Mapping[str, str] | None = None, problem: str = "", status: int = 200) -> HttpResponse:  # fmt: skip
    """The list and a task together. With `raw` the form shows what was sent and what is wrong with it."""
    user = request.user
    state = InboxState.read(request.GET)
    found = api.work_for(user, **state.filters(), limit=PER_PAGE)
    items = list(found.items)
    opened = task_id or (items[0].task_id if items else None)
    work_shown: Work | None = gather(opened, user=user, raw=raw, errors=errors) if opened else None
    place = next((n for n, item in enumerate(items) if item.task_id == opened), None)
    after = items[place + 1] if place is not None and place + 1 < len(items) else None
    context = {
        "title": work_shown.title if task_id and work_shown else _("Inbox"),
        "on_task": task_id is not None, "state": state, "work": work_shown, "problem": problem,
        "boxes": boxes_of(user, state), "filters": filters_of(user, state, items), "keys": keys(),
        "groups": groups_of(items, current=opened, box=state.box), "empty": empty_words(state),
        "next_query": state.with_(after=found.next_cursor) if found.next_cursor else "",
        "explanations": {why.key: why for why in work_shown.whys} if work_shown else {},
        "locked": work_shown is not None and not work_shown.may_complete,
        "then": row_of(after, current=None, box=state.box) if after else None,
        "position": _("%(n)d of %(all)d") % {"n": place + 1, "all": len(items)} if place is not None else "",
        "snooze_choices": snooze_choices(), "now": ports.now(),
    }  # fmt: skip
    return render(request, "redraw/inbox/inbox.html", context, status=status)


def boxes_of(user: Any, state: InboxState) -> list[Box]:
    """The boxes with their numbers."""
    counts = api.counts_for(user)
    named = (
        ("mine", _("Mine"), counts.mine),
        ("teams", _("My teams"), counts.teams),
        ("following", _("Following"), counts.following),
        *_standing_in(user, state, counts.standing_in),
        ("done", _("Done"), None),
    )
    return [Box(key, label, count, key == state.box) for key, label, count in named]


def _standing_in(user: Any, state: InboxState, count: int) -> list[tuple[str, str, int]]:
    """The box of whom the person stands in for; none for who stands in for nobody and did not ask for it."""
    absent = api.standing_in_for(user)
    if not absent and state.box != "standing_in":
        return []
    names = [ports.people().display(one.person) for one in absent]
    label = _("Standing in for %(person)s") % {"person": names[0]} if len(names) == 1 else _("Standing in")
    return [("standing_in", label, count)]


def filters_of(user: Any, state: InboxState, items: list[Any]) -> list[Filter]:
    """The filters, with what the list at hand offers to choose from."""
    processes = {item.process_key: ports.text(item.process_title) for item in items}
    steps = {item.step: ports.text(item.title) for item in items}
    customers = customers_of(user, [item.subject for item in items])
    due = {"late": _("Overdue"), "hour": _("Within the hour"), "today": _("Today"), "week": _("This week")}

    def made(name: str, label: str, now: str, offered: dict[str, str], *, is_data: bool = False) -> Filter:
        if now and now not in offered:
            offered = {now: now, **offered}
        choices = [Choice(text, state.with_(**{name: key}), key == now) for key, text in offered.items()]
        return Filter(label, offered.get(now, "") if now else "", state.with_(**{name: ""}), choices, is_data)

    return [
        made("process", _("Process"), state.process, processes),
        made("customer", _("Customer"), state.customer, customers, is_data=True),
        made("step", _("Step"), state.step, steps),
        made("due", _("Due"), state.due, due),
    ]


def empty_words(state: InboxState) -> dict[str, str]:
    """What an empty list says, and the way on."""
    inbox_url = reverse("redraw:inbox")
    if state.filtered:
        return {"icon": "filter_alt_off", "title": _("Nothing fits these filters"),
                "text": _("Take a filter away to see more of this box."),
                "url": f"{inbox_url}?box={state.box}", "action": _("Show all")}  # fmt: skip
    return {
        "mine": {"icon": "task_alt", "title": _("All done"),
                 "text": _("Nothing waits for you. What your teams may take stands in “My teams”."),
                 "url": f"{inbox_url}?box=teams", "action": _("See my teams' tasks")},
        "teams": {"icon": "groups", "title": _("Nothing to take"),
                  "text": _("Tasks that are offered to one of your roles stand here until somebody takes them.")},
        "following": {"icon": "visibility", "title": _("You follow nothing yet"),
                      "text": _("Follow a running process, and its open tasks stand here."),
                      "url": reverse("redraw:running"), "action": _("See what is running")},
        "standing_in": {"icon": "event_busy", "title": _("Nothing to do for anybody"),
                        "text": _("While somebody is away who named you, their open tasks stand here."),
                        "url": reverse("redraw:absence"), "action": _("Absences")},
        "done": {"icon": "history", "title": _("Nothing done yet"),
                 "text": _("Tasks that you completed stand here, the latest first.")},
    }[state.box]  # fmt: skip


def keys() -> list[tuple[str, str]]:
    """The keys of the inbox and what they do."""
    return [
        ("j", _("next task")),
        ("k", _("task before")),
        ("Enter", _("open the task")),
        ("c", _("complete it, or take it")),
        ("x", _("choose it, for several at once")),
        ("s", _("snooze")),
        ("d", _("delegate")),
        ("m", _("comment")),
        ("l", _("log a call, visit or note")),
        ("/", _("search")),
        ("?", _("these keys")),
    ]
