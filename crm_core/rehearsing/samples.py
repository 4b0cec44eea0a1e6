"""Sample records: for each kind of record what may be chosen of it, and how one is made with what belongs to it.

They are made by the services that make real ones, without the announcements that would start processes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from crm_core.activities.services import log_activity
from crm_core.kernel import records
from crm_core.marketing.models import Segment
from crm_core.marketing.services import plan_campaign
from crm_core.parties.models import Account
from crm_core.parties.services import add_contact, give_consent, open_account
from crm_core.sales.fields import quote_terms
from crm_core.sales.models import Product, Quote
from crm_core.sales.models.quotes import QuoteStatus
from crm_core.sales.services import draft_quote, open_opportunity, receive_lead
from crm_core.sales.services.quotes import Line
from crm_core.service.services import receive_case
from processes import ports
from processes.api import gettext
from processes.errors import Invalid
from processes.ports import SampleField as F

CLASSES = tuple((letter, letter) for letter in "ABCD")
Values = Mapping[str, Any]
Made = tuple[int, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Sample:
    """How a kind of record is made: `own` may be chosen beside the declared fields named in `declared`."""

    make: Callable[[Values, Any], Made]
    declared: Mapping[str, Any]
    own: tuple[F, ...] = ()


def fields(subject_type: str) -> tuple[F, ...]:
    """What may be chosen of a sample, with the words and choices of the record's own fields."""
    sample, kind = SAMPLES.get(subject_type), ports.subjects().get(subject_type)
    if sample is None or kind is None:
        return ()
    listed = []
    for name, value in sample.declared.items():
        found = kind.field(name)
        if found is not None:
            listed.append(F(name, found.label, found.type, value, found.choices))
    return (*listed, *sample.own)


def record(subject_type: str, values: Values, *, owner: Any) -> Made:
    """Make one. Invalid for a kind that has no sample, and for names that it does not know."""
    sample = SAMPLES.get(subject_type)
    if sample is None:
        raise Invalid(gettext("No record of the kind “%(kind)s” can be made for a rehearsal.") % {"kind": subject_type})
    known = {item.name: item.value for item in fields(subject_type)}
    strange = sorted(set(values) - set(known))
    if strange:
        raise Invalid(gettext("A rehearsal’s record has no “%(name)s”.") % {"name": strange[0]})
    return sample.make({**known, **values}, owner)


# --- how they are made ---------------------------------------------------------------------------------------
def _account(values: Values, owner: Any) -> Made:
    account = open_account(name=values["name"], manager=owner, trusted=True, status="customer",
                           **{name: values[name] for name in ("industry", "employees", "country", "grade", "currency")})  # fmt: skip
    _person(account)
    return account.pk, {}


def _customer(values: Values, owner: Any) -> Account:
    account = open_account(name="Sample Foods Ltd.", manager=owner, trusted=True, status="customer", industry="food",
                           employees=200, country=values.get("country") or "CN", grade=values["customer_class"],
                           currency=values.get("currency") or "CNY")  # fmt: skip
    _person(account)
    return account


def _person(account: Account) -> Any:
    contact = add_contact(account=account, name="Sam Sample", title="Plant manager", email="sam@sample.example",
                          telephone="+86 21 5555 0100", trusted=True)  # fmt: skip
    give_consent(contact=contact, channel="email", purpose="marketing", trusted=True)
    return contact


def _lead(values: Values, owner: Any) -> Made:
    data = {**values, "phone": "+86 21 5555 0100"}
    given = {name: data.pop(name) for name in ("source", "channel", "consent")}
    reached = data.pop("reached")
    lead = receive_lead(data=data, announced=False, **given)
    if reached:
        log_activity(kind="call", title=lead.company, subject=("lead", lead.pk), owner=owner, by=owner, trusted=True)
    return lead.pk, {}


def _opportunity(values: Values, owner: Any) -> Made:
    account = _customer(values, owner)
    deal = open_opportunity(
        name=values["name"], account=account, contact=account.contacts.first(), owner=owner, amount=values["amount"],
        currency=values["currency"], publish=False, trusted=True,
    )  # fmt: skip
    quote = _quote(deal, values, owner)
    return deal.pk, {"quote": quote_terms(quote)} if quote is not None else {}


def _quote(deal: Any, values: Values, owner: Any) -> Quote | None:
    """A quote over the deal, on the discount that was chosen; none where nothing is sold in its currency."""
    product = Product.objects.filter(currency=deal.currency, is_active=True).order_by("pk").first()
    if product is None:
        return None
    lines = [Line(product, quantity=2, discount=values["discount"])]
    quote = draft_quote(opportunity=deal, lines=lines, credit_days=int(values["credit_days"] or 0),
                        valid_until=ports.now().date() + timedelta(days=45), by=owner, trusted=True)  # fmt: skip
    if values["quote_sent"]:
        records.change(quote, by=owner, status=QuoteStatus.SENT)
    return quote


def _case(values: Values, owner: Any) -> Made:
    data = {**values, "contact_name": "Sam Sample", "contact_email": "sam@sample.example", "company": "Sample Foods Ltd.",
            "language": "en"}  # fmt: skip
    grade = data.pop("customer_class")
    account = _customer({"customer_class": grade}, owner) if grade else None
    contact = account.contacts.first() if account is not None else None
    case = receive_case(data=data, account=account, contact=contact, branch=getattr(owner.employee, "branch", None),
                        announced=False)  # fmt: skip
    return case.pk, {}


def _campaign(values: Values, owner: Any) -> Made:
    account = _customer({"customer_class": "B"}, owner)
    for number in range(int(values["people"] or 0)):
        contact = add_contact(account=account, name=f"Reader {number + 1:02}", email=f"reader{number + 1:02}@sample.example",
                              language="en", trusted=True)  # fmt: skip
        give_consent(contact=contact, channel="email", purpose="marketing", trusted=True)
    if not Segment.objects.exists():
        records.create(Segment, by=owner, owner=owner, key="sample", name="Sample segment")
    return plan_campaign(name=values["name"], by=owner).pk, {}


SAMPLES: Mapping[str, Sample] = {
    "account": Sample(_account, {"name": "Sample Foods Ltd.", "industry": "food", "employees": 200, "country": "CN",
                                 "grade": "B", "currency": "CNY"}),
    "lead": Sample(_lead, {
        "company": "Sample Foods Ltd.", "contact_name": "Sam Sample", "email": "sam@sample.example", "source": "web_form",
        "channel": "web", "country": "CN", "region": "", "industry": "food", "employees": 200, "language": "en",
        "product_interest": "equipment", "request": "quote", "need": "clear", "budget": "approved",
        "authority": "decision_maker", "timeline": "3_months", "message": "Please send us a quote.", "consent": True,
        "is_spam": False, "is_competitor": False,
    }, (F("reached", _("somebody of ours has rung them"), "boolean", False),)),
    "opportunity": Sample(
        _opportunity, {"name": "Sorting line", "amount": 300_000, "currency": "CNY"},
        (F("customer_class", _("class of the customer"), "choice", "B", CLASSES),
         F("discount", _("discount on the quote, in percent"), "number", 0),
         F("credit_days", _("days of credit on the quote"), "number", 0),
         F("quote_sent", _("the quote was sent already"), "boolean", False)),
    ),
    "case": Sample(
        _case, {"kind": "complaint", "subject_line": "Belt slips when it is wet", "product_group": "equipment",
                "description": "Line 2 stopped three times this week.", "impact": "loss", "injury_risk": False,
                "data_breach": False, "legal_threat": False, "vulnerable": False, "remedy_sought": "repair"},
        (F("customer_class", _("class of the customer"), "choice", "B", CLASSES),),
    ),
    "campaign": Sample(_campaign, {"name": "Washable belts"},
                       (F("people", _("people who may be written to"), "number", 20),)),
}  # fmt: skip
