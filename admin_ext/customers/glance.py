"""The account at a glance: three figures, what is promised, what runs, open business, whom to reach and how."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

from django.db.models import Count, Max, Sum
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from admin_ext import words
from admin_ext.customers.beside import TALKS
from crm_core.activities.models import Activity
from crm_core.kernel.access.policies import rows_for
from crm_core.kernel.declared import page_of
from crm_core.parties.models import Account, Consent
from crm_core.parties.selectors import contacts_of
from crm_core.sales.models import CompetitorMet, Lead, Opportunity, Quote
from crm_core.sales.models.leads import OPEN_STATUSES as OPEN_LEADS
from crm_core.sales.models.opportunities import OPEN_STAGES
from crm_core.service.models import Case
from crm_core.service.selectors import open_cases
from processes import api, ports

MOST = 8
SEVERE = ("critical", "major")


@dataclass(frozen=True, slots=True)
class Promise:
    """What the customer was told would happen, by whom and until when."""

    text: str
    who: str
    url: str
    due: words.Due | None


@dataclass(frozen=True, slots=True)
class Runs:
    """A running process: what about, at which step, with whom, until when."""

    id: Any
    process: str
    about: str
    step: str
    who: str
    due: words.Due | None


@dataclass(frozen=True, slots=True)
class Business:
    """An open opportunity with its place among the stages."""

    row: Opportunity
    bars: list[str]
    days: int
    due: words.Due | None


@dataclass(frozen=True, slots=True)
class Person:
    """A contact, and whether news may be sent to them."""

    row: Any
    consent: str
    tone: str
    icon: str


@dataclass(frozen=True, slots=True)
class Glance:
    """Everything that stands around the story."""

    promises: list[Promise]
    running: list[Runs]
    business: list[Business]
    cases: list[Case]
    case_count: int
    severe: int
    pipeline: list[dict[str, Any]]
    people: list[Person]
    rivals: list[Any]
    last_contact: Activity | None


def glance_of(user: Any, account: Account) -> Glance:
    """The account as the person may see it; each part asks its own policy."""
    open_business = rows_for(user, Opportunity).filter(account=account, stage__in=OPEN_STAGES)
    business = list(open_business.select_related("owner").order_by("-amount", "pk")[:MOST])
    open_rows = open_cases(user, account=account)
    cases = list(open_rows[:MOST])
    leads = rows_for(user, Lead).filter(account=account, status__in=OPEN_LEADS).values_list("pk", flat=True)[:MOST]
    subjects = [api.Subject("account", account.pk), *(api.Subject("opportunity", row.pk) for row in business),
                *(api.Subject("case", row.pk) for row in cases), *(api.Subject("lead", pk) for pk in leads)]  # fmt: skip
    running = api.running_about(user, subjects)
    talks = rows_for(user, Activity).filter(account=account, state=Activity.State.DONE, kind__in=TALKS)
    return Glance(
        promises=_promises(user, account, running),
        running=[_runs(one) for one in running[:MOST]],
        business=[_business(row, running) for row in business],
        cases=cases,
        case_count=open_rows.count() if len(cases) == MOST else len(cases),
        severe=sum(row.severity in SEVERE for row in cases),
        pipeline=list(open_business.order_by().values("currency").annotate(amount=Sum("amount"), n=Count("pk")).order_by("-amount")),
        people=_people(user, account),
        rivals=list(
            rows_for(user, CompetitorMet).filter(opportunity__account=account).order_by()
            .values("competitor", "competitor__name").annotate(last=Max("met_at")).order_by("-last")[:5]
        ),
        last_contact=talks.order_by("-at", "-pk").first(),
    )  # fmt: skip


def _end_of(day: Any) -> datetime:
    return timezone.make_aware(datetime.combine(day, time(23, 59)))


def _promises(user: Any, account: Account, running: list[Any]) -> list[Promise]:
    """Promised activities, the next answers in the customer's cases, and quotes that still hold; soonest first."""
    found: list[tuple[datetime, Promise]] = []
    kept = rows_for(user, Activity).filter(account=account, promise_until__isnull=False, promise_kept_at__isnull=True)
    for row in kept.exclude(state=Activity.State.CANCELLED).select_related("owner").order_by("promise_until")[:MOST]:
        who = ports.people().display(row.owner) if row.owner else ""
        found.append((row.promise_until, Promise(row.subject_line, who, page_of(row), words.due(row.promise_until))))
    for one in running:
        if one.subject.type == "case" and one.due_at is not None:
            due = words.due(one.due_at, one.limit_started_at, one.warn_at)
            text = f"{ports.text(one.step)} · {one.business_key or one.title}"
            found.append((one.due_at, Promise(text, one.who, reverse("redraw:instance", args=(one.instance_id,)), due)))
    today = words.today()
    sent = rows_for(user, Quote).filter(opportunity__account=account, status="sent", valid_until__gte=today)
    for quote in sent.select_related("owner").order_by("valid_until")[:MOST]:
        until = _end_of(quote.valid_until)
        who = ports.people().display(quote.owner) if quote.owner else ""
        text = _("Quote %(number)s holds until then") % {"number": quote.number}
        found.append((until, Promise(text, who, page_of(quote), words.due(until))))
    return [promise for _moment, promise in sorted(found, key=lambda pair: pair[0])[:MOST]]


def _runs(one: Any) -> Runs:
    about = one.business_key or one.title
    due = words.due(one.due_at, one.limit_started_at, one.warn_at, one.standstill)
    return Runs(one.instance_id, ports.text(one.labels), about, ports.text(one.step), one.who, due)


def _business(row: Opportunity, running: list[Any]) -> Business:
    """The stages as bars: those behind, the present one, those to come; and how its step's limit stands."""
    here = OPEN_STAGES.index(row.stage)
    bars = ["past" if n < here else "here" if n == here else "" for n in range(len(OPEN_STAGES))]
    step = next((one for one in running if one.subject == api.Subject("opportunity", row.pk) and one.due_at), None)
    due = words.due(step.due_at, step.limit_started_at, step.warn_at) if step is not None else None
    return Business(row, bars, max(1, (ports.now() - row.stage_since).days + 1), due)


def _people(user: Any, account: Account) -> list[Person]:
    """The account's people with the newest word of each about news by e-mail: one query for all."""
    rows = list(contacts_of(user, account).filter(active=True)[:MOST])
    said: dict[int, str] = {}
    for consent in Consent.objects.filter(contact__in=rows, channel="email", purpose="marketing").order_by("-at", "-pk"):
        said.setdefault(consent.contact_id, consent.state)
    words_of: dict[str, tuple[str, str, str]] = {
        Consent.State.GIVEN: (_("news agreed"), "green", "check"),
        Consent.State.WITHDRAWN: (_("no news"), "", "block"),
    }
    return [Person(row, *words_of.get(said.get(row.pk, ""), ("", "", ""))) for row in rows]
