"""What happens to opportunities: opened, moved from stage to stage, won, lost, reopened."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction

from crm_core.kernel import declared, records
from crm_core.kernel.access.authority import allow
from crm_core.kernel.models import Branch
from crm_core.kernel.records import Rows
from crm_core.sales import events
from crm_core.sales.fields import OPPORTUNITY
from crm_core.sales.models import (
    Competitor,
    CompetitorMet,
    Opportunity,
    OpportunityLine,
    Product,
    StageChange,
)
from crm_core.sales.models.opportunities import (
    CLOSED_STAGES,
    OPEN_STAGES,
    ForecastCategory,
    LossReason,
    Stage,
)
from processes import ports
from processes.api import gettext as _
from processes.errors import Invalid, ProcessError

# Where no decision table says otherwise: how likely business in a stage is, in percent.
USUAL_PROBABILITY = {
    Stage.QUALIFY: 10,
    Stage.UNDERSTAND: 25,
    Stage.PROPOSE: 50,
    Stage.NEGOTIATE: 70,
    Stage.CLOSE: 90,
    Stage.WON: 100,
    Stage.LOST: 0,
}


class OpportunityClosed(ProcessError):
    """The business is won or lost; it must be reopened before anything else happens to it."""

    code = "opportunity_closed"


def today() -> date:
    """The present date where the company works."""
    return ports.clock().today(ZoneInfo(settings.TIME_ZONE))


def _must_be_open(opportunity: Opportunity) -> None:
    if opportunity.stage in CLOSED_STAGES:
        raise OpportunityClosed(
            _("The opportunity %(number)s is closed (%(stage)s). Reopen it first.")
            % {"number": opportunity.number, "stage": opportunity.get_stage_display()}
        )


def _remember(opportunity: Opportunity, *, before: str, by: Any, reason: str = "") -> None:
    StageChange.objects.create(
        opportunity=opportunity,
        at=ports.now(),
        by=by,
        from_stage=before,
        to_stage=opportunity.stage,
        amount=opportunity.amount,
        currency=opportunity.currency,
        probability=opportunity.probability,
        expected_close=opportunity.expected_close,
        reason=str(reason or "")[:300],
    )


@transaction.atomic
def open_opportunity(
    *,
    name: str,
    account: Any | None,
    owner: Any | None = None,
    contact: Any | None = None,
    branch: Branch | None = None,
    amount: Decimal | int | str = 0,
    currency: str = "",
    expected_close: date | None = None,
    stage: str = Stage.QUALIFY,
    publish: bool = True,
    lines: Rows | None = None,
    rivals: Rows | None = None,
    by: Any = None,
    trusted: bool = False,
    **more: Any,
) -> Opportunity:
    """Open business with a customer and publish `opportunity.opened`.

    Without an owner it belongs to the account's manager. `more` are further fields of the
    record (source, campaign_key, sales_channel, external_id ...), `lines` and `rivals` its rows as a
    form gives them. Raises Invalid without an account and for a negative or unreadable amount.
    """
    allow(by, "add", Opportunity, trusted=trusted)
    if account is None:
        raise Invalid(_("Business needs a customer: choose the account."), errors={"account": _("Choose an account.")})
    values = declared.clean(Opportunity(), OPPORTUNITY, {"name": name, "amount": amount})
    if values["amount"] < 0:
        raise Invalid(_("The amount cannot be negative."), errors={"amount": _("Give an amount from 0 on.")})
    if stage not in OPEN_STAGES:
        raise Invalid(_("Business is opened in an open stage. Win or lose it afterwards."))
    owner = owner or account.manager
    opportunity = records.create(
        Opportunity,
        by=by,
        **values,
        account=account,
        contact=contact,
        owner=owner,
        branch=branch,
        currency=currency or account.currency,
        expected_close=expected_close,
        stage=stage,
        probability=USUAL_PROBABILITY[Stage(stage)],
        opened_on=more.pop("opened_on", None) or today(),
        **more,
    )
    _remember(opportunity, before="", by=by)
    if opportunity.competitor is not None:
        _met(opportunity, opportunity.competitor)
    opportunity = _write_rows(opportunity, lines, rivals, by)
    if publish:
        events.opportunity_opened(opportunity, enter_at=opportunity.stage)
    return opportunity


def _write_rows(opportunity: Opportunity, lines: Rows | None, rivals: Rows | None, by: Any) -> Opportunity:
    if lines is not None:
        rows = [(line.product, line.quantity, line.unit_price) for line in lines.kept]
        opportunity = set_products(opportunity=opportunity, lines=rows, by=by, trusted=True)
    if rivals is not None:
        for rival in rivals.gone:
            rival.delete()
        for rival in rivals.kept:
            _write_rival(opportunity, rival, by)
        opportunity = records.locked(opportunity)
    return opportunity


def _write_rival(opportunity: Opportunity, rival: CompetitorMet, by: Any) -> None:
    if not 1 <= rival.threat <= 3:
        raise Invalid(_("The threat of “%(name)s” is 1 (weak), 2 or 3 (strong).") % {"name": rival.competitor})
    met = record_competitor(opportunity=opportunity, competitor=rival.competitor, by=by, trusted=True)
    if met is None:
        return
    if rival.pk is not None and met.pk != rival.pk:
        CompetitorMet.objects.filter(pk=rival.pk).delete()
    met.threat, met.remarks = rival.threat, rival.remarks
    met.save(update_fields=["threat", "remarks"])


@transaction.atomic
def set_stage(
    *,
    opportunity: Opportunity,
    stage: str,
    probability: Any = None,
    forecast: str | None = None,
    reason: str = "",
    by: Any = None,
    trusted: bool = False,
) -> Opportunity:
    """Move an open opportunity to an open stage; `stage_since` changes only with the stage.

    Without a probability (percent) the stage's usual one holds. Raises OpportunityClosed, and
    Invalid for unknown words or a probability outside 0 to 100.
    """
    allow(by, "change", opportunity, trusted=trusted)
    if stage not in OPEN_STAGES:
        raise Invalid(
            _("“%(stage)s” is no open stage. Use one of: %(known)s.")
            % {"stage": stage, "known": ", ".join(OPEN_STAGES)}
        )
    percent = USUAL_PROBABILITY[Stage(stage)] if probability is None else int(Decimal(str(probability)))
    if not 0 <= percent <= 100:
        raise Invalid(_("A probability is a percentage from 0 to 100."))
    if forecast and forecast not in ForecastCategory.values:
        raise Invalid(
            _("“%(word)s” is no forecast category. Use one of: %(known)s.")
            % {"word": forecast, "known": ", ".join(ForecastCategory.values)}
        )
    opportunity = records.locked(opportunity)
    _must_be_open(opportunity)
    before = opportunity.stage
    values: dict[str, Any] = {"stage": stage, "probability": percent}
    if forecast:
        values["forecast_category"] = forecast
    if stage != before:
        values["stage_since"] = ports.now()
    if records.change(opportunity, by=by, **values):
        _remember(opportunity, before=before, by=by, reason=reason)
    return opportunity


def update_opportunity(
    *, opportunity: Opportunity, changes: Mapping[str, Any], reason: str = "", by: Any = None, trusted: bool = False
) -> Opportunity:
    """Write declared fields after checking them; see `change_opportunity`."""
    allow(by, "change", opportunity, trusted=trusted)
    values = declared.clean(opportunity, OPPORTUNITY, changes)
    return change_opportunity(opportunity, reason=reason, by=by, trusted=trusted, **values)


@transaction.atomic
def change_opportunity(
    opportunity: Opportunity, *, reason: str = "", lines: Rows | None = None, rivals: Rows | None = None, by: Any = None,
    trusted: bool = False, **values: Any,
) -> Opportunity:  # fmt: skip
    """Write checked values by field, then its product lines and the competitors met as a form gives them.

    A later close date counts as put off; amount and date keep a history; a new owner takes the business to the own
    branch; imported business gets its customer and its flow as in `match_account`. Raises Invalid for a negative
    amount or when the customer is taken away.
    """
    allow(by, "change", opportunity, trusted=trusted)
    opportunity = records.locked(opportunity)
    if values.get("amount") is not None and values["amount"] < 0:
        raise Invalid(_("The amount cannot be negative."), errors={"amount": _("Give an amount from 0 on.")})
    later, earlier = values.get("expected_close"), opportunity.expected_close
    if later and earlier and later > earlier:
        values["push_count"] = opportunity.push_count + 1
    if "owner" in values and values["owner"] != opportunity.owner:
        values |= _given_to(values["owner"], values.get("branch"))
    if "account" in values:
        account = values.pop("account")
        if account is None and opportunity.account_id is not None:
            raise Invalid(_("Business needs a customer: choose the account."), errors={"account": _("Choose an account.")})
        if account is not None and opportunity.account_id is None:
            opportunity = match_account(opportunity=opportunity, account=account, by=by, trusted=True)
        else:
            values["account"] = account
    changed = records.change(opportunity, by=by, **values)
    if {"amount", "currency", "expected_close"} & set(changed):
        _remember(opportunity, before=opportunity.stage, by=by, reason=reason)
    if opportunity.competitor is not None and "competitor" in changed:
        _met(opportunity, opportunity.competitor)
    return _write_rows(opportunity, lines, rivals, by)


def _given_to(owner: Any | None, branch: Branch | None) -> dict[str, Any]:
    """What is written when business gets an owner: the branch follows unless one is given."""
    values: dict[str, Any] = {"owner": owner}
    employee = getattr(owner, "employee", None) if owner is not None else None
    if branch is not None:
        values["branch"] = branch
    elif employee is not None and employee.branch_id:
        values["branch_id"] = employee.branch_id
    return values


@transaction.atomic
def assign_opportunity(
    *,
    opportunity: Opportunity,
    owner: Any | None,
    branch: Branch | None = None,
    by: Any = None,
    trusted: bool = False,
) -> Opportunity:
    """Give the business to a person (None: to its branch's queue), and move it to `branch` if given."""
    allow(by, "change", opportunity, trusted=trusted)
    opportunity = records.locked(opportunity)
    records.change(opportunity, by=by, **_given_to(owner, branch))
    return opportunity


@transaction.atomic
def win(
    *, opportunity: Opportunity, closed_on: date | None = None, by: Any = None, trusted: bool = False
) -> Opportunity:
    """Close the business as won, today unless another date is given. Winning twice changes nothing."""
    allow(by, "change", opportunity, trusted=trusted)
    opportunity = records.locked(opportunity)
    if opportunity.stage == Stage.WON:
        return opportunity
    _must_be_open(opportunity)
    return _close(opportunity, Stage.WON, closed_on=closed_on, by=by)


@transaction.atomic
def lose(
    *,
    opportunity: Opportunity,
    reason: str,
    competitor: Any = None,
    closed_on: date | None = None,
    by: Any = None,
    trusted: bool = False,
) -> Opportunity:
    """Close the business as lost, with a known reason and the competitor (record, id or name) who won.

    Raises Invalid for an unknown reason or competitor. Losing twice changes nothing.
    """
    allow(by, "change", opportunity, trusted=trusted)
    if reason not in LossReason.values:
        raise Invalid(
            _("Say why the business was lost. Use one of: %(known)s.") % {"known": ", ".join(LossReason.values)},
            errors={"reason": _("Choose a reason.")},
        )
    winner = find_competitor(competitor)
    opportunity = records.locked(opportunity)
    if opportunity.stage == Stage.LOST:
        return opportunity
    _must_be_open(opportunity)
    if winner is not None:
        _met(opportunity, winner)
    return _close(opportunity, Stage.LOST, closed_on=closed_on, by=by, loss_reason=reason, lost_to=winner)


def _close(
    opportunity: Opportunity, stage: Stage, *, closed_on: date | None, by: Any, **values: Any
) -> Opportunity:
    before = opportunity.stage
    records.change(
        opportunity,
        by=by,
        stage=stage,
        stage_since=ports.now(),
        probability=USUAL_PROBABILITY[stage],
        forecast_category=ForecastCategory.CLOSED,
        closed_on=closed_on or today(),
        **values,
    )
    _remember(opportunity, before=before, by=by, reason=values.get("loss_reason", ""))
    return opportunity


@transaction.atomic
def reopen(
    *,
    opportunity: Opportunity,
    reason: str,
    stage: str = Stage.QUALIFY,
    publish: bool = True,
    by: Any = None,
    trusted: bool = False,
) -> Opportunity:
    """Take up lost business again, with a reason; it is counted and `opportunity.opened` is published.

    Won business is not reopened: what follows is new business. Raises Invalid then.
    """
    allow(by, "change", opportunity, trusted=trusted)
    if not str(reason).strip():
        raise Invalid(_("Say why the business is taken up again."), errors={"reason": _("Give a reason.")})
    if stage not in OPEN_STAGES:
        raise Invalid(_("Choose the open stage to go on with."))
    opportunity = records.locked(opportunity)
    if opportunity.stage != Stage.LOST:
        raise Invalid(_("Only lost business can be taken up again. Open a new opportunity instead."))
    records.change(
        opportunity,
        by=by,
        stage=stage,
        stage_since=ports.now(),
        probability=USUAL_PROBABILITY[Stage(stage)],
        forecast_category=ForecastCategory.PIPELINE,
        closed_on=None,
        loss_reason="",
        lost_to=None,
        reopened_count=opportunity.reopened_count + 1,
    )
    _remember(opportunity, before=Stage.LOST, by=by, reason=reason)
    if publish:
        events.opportunity_opened(opportunity, enter_at=stage)
    return opportunity


def find_competitor(given: Any) -> Competitor | None:
    """The competitor by record, id or name; None for nothing. Raises Invalid for an unknown one."""
    if given in (None, "") or isinstance(given, Competitor):
        return given or None
    text = str(given)
    found = Competitor.objects.filter(pk=int(text)).first() if text.isdecimal() else None
    found = found or Competitor.objects.filter(name__iexact=text).first()
    if found is None:
        raise Invalid(
            _("There is no competitor “%(name)s”. Add it to the list of competitors first.") % {"name": text}
        )
    return found


def _met(opportunity: Opportunity, competitor: Competitor) -> CompetitorMet:
    met, _new = CompetitorMet.objects.get_or_create(
        opportunity=opportunity, competitor=competitor, defaults={"met_at": ports.now()}
    )
    return met


@transaction.atomic
def record_competitor(
    *, opportunity: Opportunity, competitor: Any, remarks: str = "", by: Any = None, trusted: bool = False
) -> CompetitorMet | None:
    """Write down that a competitor was met; the first one becomes the main competitor. None: nothing to do."""
    allow(by, "change", opportunity, trusted=trusted)
    found = find_competitor(competitor)
    if found is None:
        return None
    opportunity = records.locked(opportunity)
    met = _met(opportunity, found)
    if remarks and met.remarks != remarks:
        met.remarks = remarks
        met.save(update_fields=["remarks"])
    if opportunity.competitor_id is None:
        records.change(opportunity, by=by, competitor=found)
    return met


@transaction.atomic
def set_products(
    *,
    opportunity: Opportunity,
    lines: Iterable[tuple[Product, Any, Any]],
    by: Any = None,
    trusted: bool = False,
) -> Opportunity:
    """Replace the product lines (product, quantity, unit price or None for the list price).

    The opportunity's amount becomes their sum.
    """
    allow(by, "change", opportunity, trusted=trusted)
    opportunity = records.locked(opportunity)
    _must_be_open(opportunity)
    rows = []
    for product, quantity, price in lines:
        number = Decimal(str(quantity))
        unit = product.list_price if price is None else Decimal(str(price))
        if number <= 0 or unit < 0:
            raise Invalid(_("Quantities must be above zero and prices not below."))
        rows.append(OpportunityLine(opportunity=opportunity, product=product, quantity=number, unit_price=unit))
    opportunity.lines.all().delete()
    OpportunityLine.objects.bulk_create(rows)
    total = sum((row.quantity * row.unit_price for row in rows), Decimal(0)).quantize(Decimal("0.01"))
    if records.change(opportunity, by=by, amount=total):
        _remember(opportunity, before=opportunity.stage, by=by)
    return opportunity


@transaction.atomic
def match_account(*, opportunity: Opportunity, account: Any, by: Any = None, trusted: bool = False) -> Opportunity:
    """Match imported business to its customer; if it is open, its flow starts now (in its stage)."""
    allow(by, "change", opportunity, trusted=trusted)
    opportunity = records.locked(opportunity)
    if opportunity.account_id is not None:
        raise Invalid(_("This opportunity has a customer already: %(name)s.") % {"name": opportunity.account})
    records.change(opportunity, by=by, account=account, owner=opportunity.owner or account.manager)
    if opportunity.is_open:
        events.opportunity_opened(opportunity, enter_at=opportunity.stage)
    return opportunity
