"""Reads of sales: totals, pipeline, boards, lists to be worked off.

Everything is counted in SQL over the rows that the policy gives the person, so that a total
never tells more than the list behind it. Amounts of different currencies are never added.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import (
    Avg,
    Case,
    CharField,
    Count,
    DecimalField,
    DurationField,
    ExpressionWrapper,
    F,
    Q,
    QuerySet,
    Sum,
    Value,
    When,
)
from django.db.models.functions import TruncMonth

from crm_core.kernel.access.policies import policy_for
from crm_core.kernel.models import Branch
from crm_core.parties import matching
from crm_core.parties.models import Account
from crm_core.sales.models import AssignmentLedger, Competitor, Lead, Opportunity
from crm_core.sales.models.leads import OPEN_STATUSES
from crm_core.sales.models.opportunities import OPEN_STAGES, Stage
from processes import ports

CENT = Decimal("0.01")
DIMENSIONS = ("stage", "region", "person", "month")


@dataclass
class Figure:
    """How many, and how much by currency."""

    count: int = 0
    values: dict[str, Decimal] = field(default_factory=dict)

    def add(self, count: int, currency: str, value: Decimal | None) -> None:
        """Count more of one currency."""
        self.count += count
        self.values[currency] = self.values.get(currency, Decimal(0)) + Decimal(value or 0).quantize(CENT)

    @property
    def value(self) -> Decimal | None:
        """The amount when there is one currency (0 when there is nothing); None when there are several."""
        if len(self.values) > 1:
            return None
        return next(iter(self.values.values()), Decimal(0))


@dataclass
class Totals:
    """Open, won and lost business of one group (or of all)."""

    key: Any = None
    label: str = ""
    open: Figure = field(default_factory=Figure)
    won: Figure = field(default_factory=Figure)
    lost: Figure = field(default_factory=Figure)

    @property
    def win_rate(self) -> Decimal | None:
        """Won in percent of won and lost, to one place; None before anything was decided."""
        decided = self.won.count + self.lost.count
        return (Decimal(100 * self.won.count) / decided).quantize(Decimal("0.1")) if decided else None


OUTCOME = Case(
    When(stage=Stage.WON, then=Value("won")),
    When(stage=Stage.LOST, then=Value("lost")),
    default=Value("open"),
    output_field=CharField(),
)


def opportunities(
    user: Any, *, since: date | None = None, until: date | None = None, currency: str | None = None
) -> QuerySet[Opportunity]:
    """The opportunities that `user` may see; dates limit won and lost business by its close date."""
    rows = policy_for(Opportunity).rows(user)
    if since:
        rows = rows.filter(Q(closed_on__isnull=True) | Q(closed_on__gte=since))
    if until:
        rows = rows.filter(Q(closed_on__isnull=True) | Q(closed_on__lte=until))
    if currency:
        rows = rows.filter(currency=currency)
    return rows.order_by()


def sales_totals(user: Any, **period: Any) -> Totals:
    """Open, won and lost over everything the person may see. `period` as in `opportunities`."""
    total = Totals()
    rows = opportunities(user, **period).annotate(outcome=OUTCOME).values("outcome", "currency")
    for row in rows.annotate(count=Count("id"), value=Sum("amount")):
        getattr(total, row["outcome"]).add(row["count"], row["currency"], row["value"])
    return total


def sales_by(user: Any, dimension: str, **period: Any) -> list[Totals]:
    """Open, won and lost by `stage`, `region`, `person` or `month`; groups in the order of their label.

    A region is the top-level branch (or, below a single head office, the branch under it).
    The month is that of the close, of open business that of the expected close; business
    without either stands under None. ValueError for another dimension.
    """
    if dimension not in DIMENSIONS:
        raise ValueError(f"Sales are grouped by one of {', '.join(DIMENSIONS)}, not by {dimension}.")
    rows = opportunities(user, **period).annotate(outcome=OUTCOME)
    if dimension == "month":
        rows = rows.annotate(
            group=TruncMonth(Case(When(stage__in=OPEN_STAGES, then=F("expected_close")), default=F("closed_on")))
        )
    else:
        column = {"stage": "stage", "region": "branch_id", "person": "owner_id"}[dimension]
        rows = rows.annotate(group=F(column))
    counted = rows.values("group", "outcome", "currency").annotate(count=Count("id"), value=Sum("amount"))
    fold = regions() if dimension == "region" else {}
    groups: dict[Any, Totals] = {}
    for row in counted:
        key = fold.get(row["group"]) if dimension == "region" else row["group"]
        if key not in groups:
            groups[key] = Totals(key=key)
        getattr(groups[key], row["outcome"]).add(row["count"], row["currency"], row["value"])
    _label(dimension, groups)
    if dimension == "stage":
        return [groups[stage] for stage in Stage.values if stage in groups]
    if dimension == "month":
        return [groups[key] for key in sorted(groups, key=lambda month: (month is None, month))]
    return sorted(groups.values(), key=lambda total: (total.key is None, total.label))


def _label(dimension: str, groups: dict[Any, Totals]) -> None:
    known = [key for key in groups if key is not None]
    if dimension == "stage":
        labels = {key: str(Stage(key).label) for key in known}
    elif dimension == "region":
        labels = {branch.pk: str(branch) for branch in Branch.objects.filter(pk__in=known)}
    elif dimension == "person":
        from django.contrib.auth import get_user_model

        people = get_user_model().objects.filter(pk__in=known)
        labels = {person.pk: ports.people().display(person) for person in people}
    else:
        labels = {key: f"{key:%Y-%m}" for key in known}
    for key, total in groups.items():
        total.label = labels.get(key, "")


def regions() -> dict[int | None, int | None]:
    """The region of each branch: the root of its tree; below a single root, the branch under that root."""
    parents = dict(Branch.objects.values_list("pk", "parent_id"))
    roots = [pk for pk, parent in parents.items() if parent is None]
    top = roots[0] if len(roots) == 1 and len(parents) > 1 else None
    found: dict[int | None, int | None] = {}
    for pk in parents:
        here = pk
        while parents[here] is not None and parents[here] != top:
            here = parents[here]
        found[pk] = here
    return found


@dataclass(frozen=True, slots=True)
class PipelineStage:
    """One column of the pipeline: how many, how much, how much by probability, how old (days)."""

    stage: str
    label: str
    currency: str
    count: int
    amount: Decimal
    weighted: Decimal
    mean_age_days: float


def pipeline(user: Any, *, owner: Any = None, currency: str | None = None) -> list[PipelineStage]:
    """The open business by stage and currency, in the order of the stages (B7)."""
    rows = opportunities(user, currency=currency).filter(stage__in=OPEN_STAGES)
    if owner is not None:
        rows = rows.filter(owner=owner)
    money = DecimalField(max_digits=20, decimal_places=4)
    age = ExpressionWrapper(Value(ports.now()) - F("stage_since"), output_field=DurationField())
    counted = rows.values("stage", "currency").annotate(
        count=Count("id"),
        total=Sum("amount"),
        weighted=Sum(ExpressionWrapper(F("amount") * F("probability") / Value(Decimal(100)), output_field=money)),
        age=Avg(age),
    )
    order = list(Stage.values)
    return [
        PipelineStage(
            stage=row["stage"],
            label=str(Stage(row["stage"]).label),
            currency=row["currency"],
            count=row["count"],
            amount=Decimal(row["total"]).quantize(CENT),
            weighted=Decimal(row["weighted"]).quantize(CENT),
            mean_age_days=round((row["age"] or timedelta()).total_seconds() / 86400, 1),
        )
        for row in sorted(counted, key=lambda row: (order.index(row["stage"]), row["currency"]))
    ]


def board(user: Any, *, per_stage: int = 50) -> dict[str, list[Opportunity]]:
    """The cards of the pipeline board: the largest open opportunities of each stage."""
    rows = opportunities(user).select_related("account", "owner").order_by("-amount", "-pk")
    return {stage: list(rows.filter(stage=stage)[:per_stage]) for stage in OPEN_STAGES}


def to_be_matched(user: Any) -> QuerySet[Opportunity]:
    """Imported business without a customer, oldest first; somebody has to match it."""
    return policy_for(Opportunity).rows(user).filter(account__isnull=True).order_by("pk")


MOST_CHOICES = 20
"""Accounts of one name among which somebody can choose at a glance."""


def accounts_to_match(user: Any, name: str) -> list[Account]:
    """The accounts that a name may mean among those that the person sees: of just this name, else of one that differs
    in its legal form alone; at most one more than `MOST_CHOICES`, with what tells them apart."""
    key = matching.name_key(name)
    if not key:
        return []
    rows = policy_for(Account).rows(user).select_related("manager", "branch", "parent").order_by("city", "pk")
    called = Q(name__iexact=name) | Q(name_zh__iexact=name) | Q(source_key=name)
    return list(rows.filter(called)[: MOST_CHOICES + 1]) or list(
        rows.filter(Q(match_key=key) | Q(match_key_zh=key))[: MOST_CHOICES + 1]
    )


def waiting_leads(user: Any) -> QuerySet[Lead]:
    """Open leads without a first contact, longest waiting first."""
    rows = policy_for(Lead).rows(user).filter(status__in=OPEN_STATUSES, first_contact_at__isnull=True)
    return rows.select_related("owner").order_by("received_at", "pk")


def lead_counts(user: Any) -> dict[str, int]:
    """How many leads there are by status."""
    rows = policy_for(Lead).rows(user).order_by().values_list("status").annotate(Count("id"))
    return dict(rows)


@dataclass(frozen=True, slots=True)
class BattleRecord:
    """What became of the business in which a competitor was met (B8)."""

    competitor_id: int
    name: str
    met: int
    open: int
    won: int
    lost: int
    lost_to: int


def win_loss_by_competitor(user: Any) -> list[BattleRecord]:
    """Win and loss against each competitor over the business that the person may see."""
    seen = policy_for(Opportunity).rows(user).values("pk")
    rows = (
        policy_for(Competitor)
        .rows(user)
        .annotate(
            met_count=Count("met", filter=Q(met__opportunity__in=seen)),
            won=Count("met", filter=Q(met__opportunity__in=seen, met__opportunity__stage=Stage.WON)),
            lost=Count("met", filter=Q(met__opportunity__in=seen, met__opportunity__stage=Stage.LOST)),
        )
        .order_by("name")
    )
    lost_to = dict(
        policy_for(Opportunity)
        .rows(user)
        .filter(stage=Stage.LOST, lost_to__isnull=False)
        .order_by()
        .values_list("lost_to")
        .annotate(Count("id"))
    )
    return [
        BattleRecord(
            competitor_id=row.pk,
            name=row.name,
            met=row.met_count,
            open=row.met_count - row.won - row.lost,
            won=row.won,
            lost=row.lost,
            lost_to=lost_to.get(row.pk, 0),
        )
        for row in rows
    ]


@dataclass(frozen=True, slots=True)
class Fairness:
    """How often each person was chosen in a pool, and the spread between most and least."""

    counts: dict[int, int]

    @property
    def spread(self) -> int:
        """Most minus least; 0 for nobody."""
        return max(self.counts.values()) - min(self.counts.values()) if self.counts else 0


def fairness(*, subject_type: str, method: str | None = None, people: Iterable[int] | None = None) -> Fairness:
    """How often people were chosen for a kind of work, from the ledger; `people` (ids) who never were count 0."""
    rows = AssignmentLedger.objects.filter(subject_type=subject_type, chosen__isnull=False)
    if method:
        rows = rows.filter(method=method)
    counted = dict(rows.order_by().values_list("chosen").annotate(Count("id")))
    if people is not None:
        counted = {pk: counted.get(pk, 0) for pk in people}
    return Fairness(counted)
