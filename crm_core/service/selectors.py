"""Reads of service: open and repeated cases, entitlements, what customers think."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Avg, Count, F, Q, QuerySet, Sum

from crm_core.kernel.access.policies import policy_for
from crm_core.service.models import Case, Entitlement, Survey, SurveyAnswer
from crm_core.service.models.cases import OPEN_CASE_STATUSES, CaseKind
from processes import ports

# A complaint within so many days of another by the same customer is a repeated one.
REPEAT_DAYS = 180


def of_same_customer(case: Case) -> QuerySet[Case]:
    """The other cases of the customer: of the account, else of the same e-mail address."""
    rows = Case.objects.exclude(pk=case.pk)
    if case.account_id:
        return rows.filter(account_id=case.account_id)
    if case.contact_email:
        return rows.filter(contact_email__iexact=case.contact_email)
    return rows.none()


def repeat_count(case: Case) -> int:
    """How many other complaints the customer brought in the 180 days before this case."""
    since = case.received_at - timedelta(days=REPEAT_DAYS)
    earlier = of_same_customer(case).filter(kind=CaseKind.COMPLAINT, received_at__gte=since)
    return earlier.filter(received_at__lte=case.received_at).count()


def open_count(case: Case) -> int:
    """How many other cases of the customer are open."""
    return of_same_customer(case).filter(status__in=OPEN_CASE_STATUSES).count()


def load_of(user_ids: Sequence[int]) -> dict[int, int]:
    """How many open cases each of these people handles."""
    rows = Case.objects.filter(handler_id__in=user_ids, status__in=OPEN_CASE_STATUSES).order_by()
    return dict(rows.values_list("handler_id").annotate(Count("id")))


def without_handler() -> QuerySet[Case]:
    """Open cases that nobody works on."""
    return Case.objects.filter(status__in=OPEN_CASE_STATUSES, handler__isnull=True)


def open_cases(user: Any, *, kind: str | None = None, account: Any = None) -> QuerySet[Case]:
    """The open cases that `user` may see, most urgent first."""
    rows = policy_for(Case).rows(user).filter(status__in=OPEN_CASE_STATUSES)
    if kind:
        rows = rows.filter(kind=kind)
    if account is not None:
        rows = rows.filter(account=account)
    return rows.select_related("account", "handler").order_by("-priority", "received_at", "pk")


def repeated_complaints(user: Any, *, least: int = 2, days: int = REPEAT_DAYS) -> list[tuple[int, str, int]]:
    """Accounts with at least so many complaints in the last days: (account id, name, complaints), most first."""
    since = ports.now() - timedelta(days=days)
    rows = (
        policy_for(Case)
        .rows(user)
        .filter(kind=CaseKind.COMPLAINT, received_at__gte=since, account__isnull=False)
        .order_by()
        .values("account_id", "account__name")
        .annotate(complaints=Count("id"))
        .filter(complaints__gte=least)
        .order_by("-complaints", "account__name")
    )
    return [(row["account_id"], row["account__name"], row["complaints"]) for row in rows]


def case_counts(user: Any) -> dict[str, int]:
    """How many cases there are by status."""
    return dict(policy_for(Case).rows(user).order_by().values_list("status").annotate(Count("id")))


def entitlement_of(account: Any, on: date, product: str = "") -> Entitlement | None:
    """The account's entitlement on a day: one for the product before a general one, premium before standard."""
    if account is None:
        return None
    rows = (
        Entitlement.objects.filter(account=account, starts_on__lte=on)
        .filter(Q(ends_on__isnull=True) | Q(ends_on__gte=on))
        .filter(Q(product__isnull=True) | Q(product__name__iexact=product) | Q(product__code__iexact=product))
        .select_related("level")
    )
    tiers = {"premium": 1, "standard": 0}
    return max(
        rows, key=lambda e: (e.product_id is not None, tiers.get(e.level.tier, 0), -e.pk), default=None
    )


@dataclass(frozen=True, slots=True)
class Opinion:
    """What customers think: answers, share that answered, and the usual figure of each kind of survey."""

    kind: str
    sent: int
    answered: int
    mean: Decimal | None
    score: Decimal | None


def opinions(user: Any, *, since: date | None = None) -> list[Opinion]:
    """Per kind of survey: sent, answered, mean mark and score over what `user` may see.

    The score of `csat` is the percentage of marks 4 and 5, that of `nps` promoters (9, 10) minus
    detractors (0 to 6) in percent (F. Reichheld, "The One Number You Need to Grow", 2003);
    the other kinds have their mean.
    """
    surveys = policy_for(Survey).rows(user).order_by()
    if since:
        surveys = surveys.filter(sent_at__date__gte=since)
    sent = dict(surveys.values_list("kind").annotate(Count("id")))
    answers = (
        SurveyAnswer.objects.filter(survey__in=surveys.values("pk"))
        .order_by()
        .values("survey__kind")
        .annotate(
            count=Count("id"),
            mean=Avg("mark"),
            satisfied=Count("id", filter=Q(mark__gte=4)),
            promoters=Count("id", filter=Q(mark__gte=9)),
            detractors=Count("id", filter=Q(mark__lte=6)),
        )
    )
    by_kind = {row["survey__kind"]: row for row in answers}
    tenth = Decimal("0.1")
    found = []
    for kind in sorted(sent):
        row = by_kind.get(kind)
        mean = score = None
        if row:
            mean = Decimal(str(row["mean"])).quantize(Decimal("0.01"))
            count = Decimal(row["count"])
            if kind == Survey.Kind.CSAT:
                score = (100 * row["satisfied"] / count).quantize(tenth)
            elif kind == Survey.Kind.NPS:
                score = (100 * (row["promoters"] - row["detractors"]) / count).quantize(tenth)
            else:
                score = mean
        found.append(Opinion(kind, sent[kind], row["count"] if row else 0, mean, score))
    return found


def compensation_by_cause(user: Any) -> list[tuple[str, str, int, Decimal]]:
    """What was given to make up, by cause and currency: (cause, currency, how many, amount)."""
    rows = (
        policy_for(Case)
        .rows(user)
        .filter(compensations__state__in=("approved", "paid"))
        .order_by()
        .values("cause", currency_of=F("compensations__currency"))
        .annotate(count=Count("compensations"), amount=Sum("compensations__amount"))
        .order_by("cause", "currency_of")
    )
    return [
        (row["cause"], row["currency_of"], row["count"], Decimal(row["amount"]).quantize(Decimal("0.01")))
        for row in rows
    ]
