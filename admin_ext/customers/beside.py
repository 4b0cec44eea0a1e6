"""What stands beside a task about its customer: who it is, the story, what else is open, what may help."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from admin_ext import words
from crm_core.activities.timeline import Entry, timeline
from crm_core.kernel.access.policies import rows_for
from crm_core.kernel.declared import page_of
from crm_core.knowledge.selectors import propose
from crm_core.parties.models import Account
from crm_core.service.models import Case
from processes import ports

BESIDE = 8
KINDS: dict[str, tuple[str, Any]] = {
    "call": ("call", _("Call")), "meeting": ("groups", _("Meeting")), "visit": ("directions_car", _("Visit")),
    "email": ("mail", _("Mail")), "message": ("chat", _("Message")), "letter": ("drafts", _("Letter")),
    "fax": ("fax", _("Fax")), "note": ("edit_note", _("Note")), "task": ("task_alt", _("To do")),
    "mail": ("outgoing_mail", _("Mail sent")), "lead": ("bolt", _("Enquiry")), "stage": ("handshake", _("Business")),
    "quote": ("request_quote", _("Quote")), "case": ("support_agent", _("Case")), "campaign": ("campaign", _("Campaign")),
    "response": ("reply", _("Answer to a campaign")),
}  # fmt: skip


TALKS = frozenset({"call", "meeting", "visit", "email", "message", "letter", "fax"})


@dataclass(frozen=True, slots=True)
class Customer:
    """The customer at a glance."""

    id: int
    name: str
    url: str
    grade: str
    manager: str
    open_cases: int


@dataclass(frozen=True, slots=True)
class Line:
    """One entry of the story as it is shown."""

    at: datetime
    icon: str
    what: str
    title: str
    text: str
    who: str
    url: str
    direction: str
    tone: str


@dataclass(frozen=True, slots=True)
class Day:
    """The entries of one day."""

    title: str
    entries: list[Line]


@dataclass(frozen=True, slots=True)
class Link:
    """Something to open, with a word about it."""

    title: str
    url: str
    detail: str


def account_of(user: Any, subject: Any) -> Account | None:
    """The account a record belongs to, if the person may see it."""
    kind = ports.subjects().get(subject.type) if subject is not None and subject.type else None
    record = kind.load(subject.id) if kind is not None and subject.id is not None else None
    pk = kind.account_id(record) if kind is not None and record is not None else None
    if pk is None:
        return None
    return rows_for(user, Account).select_related("manager").filter(pk=pk).first()


def customer_of(user: Any, subject: Any) -> Customer | None:
    """The customer of a task."""
    account = account_of(user, subject)
    if account is None:
        return None
    return Customer(
        id=account.pk, name=str(account), url=reverse("redraw:account", args=(account.pk,)), grade=account.grade,
        manager=ports.people().display(account.manager), open_cases=_open_cases(user, account.pk).count(),
    )  # fmt: skip


def customers_of(user: Any, subjects: list[Any]) -> dict[str, str]:
    """The accounts that records belong to, as the person may see them: names by id. One query for each kind of
    record and one for the names."""
    by_kind: dict[str, set[int]] = {}
    for subject in subjects:
        if subject is not None and subject.id is not None:
            by_kind.setdefault(subject.type, set()).add(subject.id)
    accounts = by_kind.pop("account", set())
    for key, ids in by_kind.items():
        kind = ports.subjects().get(key)
        rows = kind.visible(user) if kind is not None else None
        if rows is not None and any(column.name == "account" for column in rows.model._meta.concrete_fields):
            found = rows.model._base_manager.filter(pk__in=ids, account__isnull=False)
            accounts.update(found.values_list("account_id", flat=True))
    return {str(row.pk): str(row) for row in rows_for(user, Account).filter(pk__in=accounts).order_by("name", "pk")}


def line_of(entry: Entry) -> Line:
    """An entry of the timeline in words and with its icon."""
    icon, what = KINDS.get(entry.kind, ("circle", entry.kind))
    return Line(entry.at, icon, str(what), entry.title, entry.text, entry.who, entry.url, entry.direction,
                "bad" if entry.kind == "case" else "talk" if entry.kind in TALKS else "")  # fmt: skip


def days_of(entries: list[Entry]) -> list[Day]:
    """Entries by day, in the order in which they came."""
    days: dict[date, list[Line]] = {}
    for entry in entries:
        days.setdefault(timezone.localtime(entry.at).date(), []).append(line_of(entry))
    return [Day(words.day(day), lines) for day, lines in days.items()]


def story_of(user: Any, customer: Customer | None) -> list[Day]:
    """The newest of the customer's story."""
    account = rows_for(user, Account).filter(pk=customer.id).first() if customer is not None else None
    return days_of(timeline(user, account, limit=BESIDE).entries) if account is not None else []


def _open_cases(user: Any, account_id: int) -> Any:
    return rows_for(user, Case).filter(account=account_id).exclude(status="closed")


def open_cases_of(user: Any, customer: Customer | None, *, besides: Any = None) -> list[Link]:
    """Other cases of the customer that are open."""
    if customer is None:
        return []
    rows = _open_cases(user, customer.id)
    if besides is not None and besides.type == "case":
        rows = rows.exclude(pk=besides.id)
    return [
        Link(f"{row.number} {row.subject_line}", page_of(row), str(row.get_status_display()))
        for row in rows.order_by("-received_at")[:5]
    ]


def suggested_articles(user: Any, subject: Any) -> list[Link]:
    """Articles of the knowledge base that may help with a case."""
    if subject is None or subject.type != "case":
        return []
    case = rows_for(user, Case).filter(pk=subject.id).first()
    if case is None:
        return []
    hits = propose(f"{case.subject_line} {case.description}", language=case.language, product_group=case.product_group, limit=3)
    return [Link(hit.article.title, page_of(hit.article), hit.article.number) for hit in hits]
