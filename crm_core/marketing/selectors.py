"""Reads of marketing: who is in a segment, whom a campaign may speak to, what came of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Count, F, Q, QuerySet, Sum
from django.db.models.functions import Lower
from django.utils.translation import gettext as _

from crm_core.marketing.models import Campaign, CampaignMember, MailingRecipient, Segment
from crm_core.marketing.models.campaigns import LIVE_STATES, MemberStatus
from crm_core.parties.models import Account, Contact
from crm_core.parties.selectors import agreed, suppressed_among
from crm_core.sales.models import Lead, Opportunity
from crm_core.sales.money import sum_in
from processes import ports
from processes.errors import Invalid

SEGMENT_FIELDS = {
    "account.grade": "account__grade", "account.kind": "account__kind", "account.status": "account__status",
    "account.industry": "account__industry", "account.country": "account__country", "account.region": "account__region",
    "account.city": "account__city", "account.branch": "account__branch__key", "account.risk": "account__risk",
    "contact.language": "language",
}  # fmt: skip
"""What a rule of a segment may ask, and the column that answers."""

OPERATORS = {"is": "", "is not": "", "in": "__in", "contains": "__icontains"}
RECENT = timedelta(days=14)
"""Whoever was written to by another campaign within this time counts as overlap (B19)."""


def _condition(rule: dict[str, Any]) -> Q:
    column, operator = SEGMENT_FIELDS.get(str(rule.get("field"))), str(rule.get("op"))
    if column is None or operator not in OPERATORS:
        raise Invalid(
            _("The rule “%(rule)s” cannot be read. Fields are: %(fields)s; comparisons: %(operators)s.")
            % {"rule": rule, "fields": ", ".join(SEGMENT_FIELDS), "operators": ", ".join(OPERATORS)}
        )
    value = rule.get("value")
    if operator == "in" and not isinstance(value, list):
        value = [value]
    found = Q(**{column + OPERATORS[operator]: value})
    return ~found if operator == "is not" else found


def contacts_in(segment: Segment) -> QuerySet[Contact]:
    """The active contacts of a segment, by its rule or by its list. Raises Invalid for a rule that cannot be read."""
    rows = Contact.objects.filter(active=True)
    if segment.kind == Segment.Kind.LIST:
        return rows.filter(segment_places__segment=segment)
    for rule in segment.conditions:
        rows = rows.filter(_condition(rule))
    return rows


def accounts_in(keys: Iterable[str]) -> QuerySet[Account, Any]:
    """The ids of the customers of whom a contact is in one of the segments of these keys. Raises Invalid for a rule that
    cannot be read."""
    wanted = Q(pk__in=[])
    for segment in Segment.objects.filter(key__in=list(keys)):
        wanted |= Q(pk__in=contacts_in(segment).order_by().values("account_id"))
    return Account.objects.filter(wanted).order_by().values("pk")


@dataclass(frozen=True, slots=True)
class Audience:
    """Whom a campaign may write to, and how many it may not, by reason."""

    reachable: list[Contact] = field(default_factory=list)
    left_out: dict[str, int] = field(default_factory=dict)


def audience_of(campaign: Campaign) -> Audience:
    """The contacts of the campaign's segment with an address, who agreed where consent is the ground, and whose
    address is not suppressed; each address once."""
    if campaign.segment is None:
        return Audience()
    rows = contacts_in(campaign.segment).exclude(email="").select_related("account").order_by("pk")
    everybody = {contact.pk: contact for contact in rows}
    asked = rows
    if campaign.consent_basis == "consent":
        asked = agreed(rows, channel="email", purpose="marketing")
    may = set(asked.values_list("pk", flat=True))
    suppressed = suppressed_among((contact.email for contact in everybody.values()), purpose="marketing")
    reachable, seen, out = [], set(), {"no_consent": 0, "suppressed": 0, "double": 0}
    for pk, contact in everybody.items():
        address = contact.email.strip().lower()
        if pk not in may:
            out["no_consent"] += 1
        elif contact.email in suppressed:
            out["suppressed"] += 1
        elif address in seen:
            out["double"] += 1
        else:
            seen.add(address)
            reachable.append(contact)
    out["no_address"] = contacts_in(campaign.segment).filter(email="").count()
    return Audience(reachable, out)


def overlap_of(campaign: Campaign, contacts: list[Contact]) -> tuple[int, list[str]]:
    """How many of these people another campaign speaks to at the time, and which campaigns those are (B19)."""
    addresses = {contact.email.strip().lower() for contact in contacts}
    now = ports.now()
    rows = (
        CampaignMember.objects.exclude(campaign=campaign)
        .filter(Q(campaign__state__in=LIVE_STATES) | Q(sent_at__gte=now - RECENT))
        .exclude(status__in=[MemberStatus.CONTROL, MemberStatus.SKIPPED])
        .values_list("address", "campaign__number")
    )
    hit = [(address, number) for address, number in rows if address in addresses]
    return len({address for address, _number in hit}), sorted({number for _address, number in hit})


def missing_in_brief(campaign: Campaign) -> list[dict[str, str]]:
    """What the brief still lacks, in both languages."""
    wanted = {
        "goal": ("the goal", "目标"), "goal_measure": ("how the goal is measured", "目标的衡量方式"),
        "segment_id": ("the segment", "客户分组"), "offer": ("the offer", "优惠或内容"), "channels": ("the channels", "渠道"),
        "starts_on": ("the first day", "开始日期"), "ends_on": ("the last day", "结束日期"),
    }  # fmt: skip
    found = [{"en": en, "zh": zh} for name, (en, zh) in wanted.items() if not getattr(campaign, name)]
    if campaign.budget <= 0:
        found.append({"en": "the budget", "zh": "预算"})
    if campaign.claims and not campaign.legal_text.strip():
        found.append({"en": "the legal text for the claims", "zh": "宣传声明对应的法律文本"})
    return found


def figures(campaign: Campaign) -> dict[str, Any]:
    """What came of a campaign so far: counts, and shares of what was sent."""
    by_status = dict(
        campaign.members.order_by().values_list("status").annotate(Count("id")).values_list("status", "id__count")
    )
    mails = MailingRecipient.objects.filter(mailing__campaign=campaign)
    counted = mails.aggregate(
        sent=Count("id"), bounced=Count("id", filter=Q(state="bounced")),
        complained=Count("id", filter=Q(state="complained")), unsubscribed=Count("id", filter=Q(state="unsubscribed")),
    )  # fmt: skip
    sent = counted["sent"]
    share = {name: round(counted[name] * 100 / sent, 2) if sent else 0 for name in ("bounced", "complained", "unsubscribed")}
    return {
        **counted, "bounced_percent": share["bounced"], "complained_percent": share["complained"],
        "unsubscribed_percent": share["unsubscribed"], "members": sum(by_status.values()),
        "left": by_status.get(MemberStatus.PLANNED, 0), "control": by_status.get(MemberStatus.CONTROL, 0),
        "responses": campaign.responses.count(),
    }  # fmt: skip


def results(campaign: Campaign) -> dict[str, Any]:
    """The evaluation (B10): reached, responded, converted, revenue, cost, return against the plan and against the
    people of the control group, who got nothing."""
    now = figures(campaign)
    leads = Lead.objects.filter(campaign_key=campaign.number)
    deals = Opportunity.objects.filter(campaign_key=campaign.number)
    won = deals.filter(stage="won")
    revenue = _worth(campaign, won)
    cost = campaign.spent or campaign.reserved
    reached = now["sent"] - now["bounced"]
    treated, untouched = _bought(campaign, MemberStatus.SENT), _bought(campaign, MemberStatus.CONTROL)
    return {
        "reached": reached, "responded": now["responses"], "leads": leads.count(),
        "converted": leads.filter(status="converted").count(), "deals_won": won.count(), "revenue": float(revenue),
        "pipeline": float(_worth(campaign, deals.exclude(stage__in=["won", "lost"]))),
        "cost": float(cost), "return": float(revenue - cost),
        "expected_return": float(campaign.expected_return),
        "return_on_cost": round(float((revenue - cost) / cost), 2) if cost else None,
        "response_percent": round(now["responses"] * 100 / reached, 2) if reached else 0,
        "bought_percent": treated, "bought_percent_control": untouched,
        "bounced": now["bounced"], "unsubscribed": now["unsubscribed"], "complained": now["complained"],
    }  # fmt: skip


def _worth(campaign: Campaign, deals: QuerySet[Opportunity]) -> Decimal:
    """What deals are worth together, in the currency of the campaign."""
    return sum_in(campaign.currency, deals.order_by().values_list("currency").annotate(worth=Sum("amount")))


def _bought(campaign: Campaign, status: str) -> float | None:
    """Share of the members of a kind whose account has won business since the launch, in percent."""
    since = campaign.launched_at
    members = campaign.members.filter(account__isnull=False)
    members = members.filter(status=MemberStatus.CONTROL) if status == MemberStatus.CONTROL else members.exclude(
        status__in=[MemberStatus.CONTROL, MemberStatus.SKIPPED, MemberStatus.PLANNED]
    )
    total = members.count()
    if since is None or not total:
        return None
    bought = members.filter(account__opportunities__stage="won", account__opportunities__closed_on__gte=since.date())
    return round(bought.distinct().count() * 100 / total, 2)


def addresses_written_to(campaign: Campaign) -> set[str]:
    """Addresses that have had this campaign's mail already, in lower case."""
    rows = MailingRecipient.objects.filter(mailing__campaign=campaign)
    return set(rows.annotate(low=Lower(F("address"))).values_list("low", flat=True))
