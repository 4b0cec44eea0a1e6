"""Making up for a failure."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

from django.db import transaction

from crm_core.kernel import records
from crm_core.kernel.access.authority import allow
from crm_core.service.models import Case, Compensation
from crm_core.service.services.cases import note
from processes.api import gettext as _
from processes.errors import Invalid


@transaction.atomic
def compensate(
    *,
    case: Case,
    amount: Any,
    kind: str,
    key: str | None = None,
    state: str = Compensation.State.APPROVED,
    by: Any = None,
    trusted: bool = False,
) -> Compensation | None:
    """Give the customer something; None when the amount is 0 or the kind is none.

    `amount` is in the case's currency. The same key gives the same compensation again. Raises
    Invalid for a negative or unreadable amount or an unknown kind.
    """
    allow(by, "add", Compensation, trusted=trusted)
    try:
        value = Decimal(str(amount or 0)).quantize(Decimal("0.01"))
    except InvalidOperation:
        raise Invalid(_("“%(amount)s” is no amount.") % {"amount": amount}) from None
    if value < 0:
        raise Invalid(_("A compensation cannot be negative."))
    if not value or not kind or kind == "none":
        return None
    if kind not in Compensation.Kind.values:
        raise Invalid(
            _("“%(kind)s” is no kind of compensation. Use one of: %(known)s.")
            % {"kind": kind, "known": ", ".join(Compensation.Kind.values)}
        )
    if key and (before := Compensation.objects.filter(key=key).first()):
        return before
    given = records.create(
        Compensation,
        by=by,
        case=case,
        amount=value,
        kind=kind,
        currency=case.currency,
        state=state,
        key=key or None,
        owner=case.handler or case.owner,
        branch=case.branch,
    )
    line = _("Compensation: %(amount)s %(currency)s") % {"amount": value, "currency": case.currency}
    note(case, line, by=by, key=f"case.compensate:{given.pk}")
    return given


@transaction.atomic
def mark_paid(*, compensation: Compensation, by: Any = None, trusted: bool = False) -> Compensation:
    """Note that an approved compensation was given."""
    allow(by, "change", compensation, trusted=trusted)
    if compensation.state == Compensation.State.PAID:
        return compensation
    if compensation.state != Compensation.State.APPROVED:
        raise Invalid(_("Only an approved compensation can be given. Have it approved first."))
    records.change(compensation, by=by, state=Compensation.State.PAID)
    return compensation
