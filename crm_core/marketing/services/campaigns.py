"""What happens to campaigns: planned, checked, approved for exactly what they say, paused, stopped, evaluated."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import transaction

from crm_core.kernel import declared, records
from crm_core.kernel.access.authority import allow
from crm_core.marketing import events, selectors
from crm_core.marketing.fields import BRIEF, CAMPAIGN, CONTENT
from crm_core.marketing.models import Campaign
from crm_core.marketing.models.campaigns import CampaignState
from processes import ports
from processes.api import gettext as _
from processes.errors import Invalid, ProcessError

APPROVAL_HOLDS = timedelta(days=60)
ENDED = (CampaignState.CLOSED, CampaignState.STOPPED, CampaignState.REJECTED)
LANGUAGES = ("en", "zh-hans")


class ApprovalMissing(ProcessError):
    """Nothing may be sent: the campaign is not approved, not any more, or not as it is now."""

    code = "approval_missing"


@dataclass(frozen=True, slots=True)
class Gate:
    """Whether a campaign may send now, and if not, why; the reason in both languages."""

    is_open: bool
    en: str = ""
    zh: str = ""

    def as_result(self) -> dict[str, Any]:
        """What the action gives to the drawing."""
        return {"open": self.is_open, "en": self.en, "zh": self.zh}


def locked(campaign: Campaign) -> Campaign:
    """The row, locked until the end of the transaction."""
    return Campaign.objects.select_for_update(of=("self",)).select_related("segment", "branch", "owner").get(pk=campaign.pk)


def hash_of(campaign: Campaign, names: tuple[str, ...]) -> str:
    """The hash of what a campaign says in these fields."""
    said = {name: getattr(campaign, name) for name in names}
    return hashlib.sha256(json.dumps(said, sort_keys=True, default=str).encode()).hexdigest()


@transaction.atomic
def plan_campaign(*, name: str, kind: str = "mailing", by: Any, **values: Any) -> Campaign:
    """A new campaign as a draft of `by`. Raises Denied, Invalid without a name or for values that cannot be."""
    allow(by, "add", Campaign)
    if not name.strip():
        raise Invalid(_("Give the campaign a name."), errors={"name": _("Give a name.")})
    _must_make_sense(values)
    owner = values.pop("owner", None) or by
    return records.create(Campaign, by=by, owner=owner, name=name.strip()[:200], kind=kind, **values)


def update_campaign(*, campaign: Campaign, changes: Mapping[str, Any], by: Any = None, trusted: bool = False) -> Campaign:
    """Write declared fields after checking them; see `change_campaign`. Raises Invalid with errors by field."""
    allow(by, "change", campaign, trusted=trusted)
    return change_campaign(campaign, by=by, trusted=trusted, **declared.clean(campaign, CAMPAIGN, changes))


@transaction.atomic
def change_campaign(campaign: Campaign, *, by: Any = None, trusted: bool = False, **values: Any) -> Campaign:
    """Write checked values by field. Whatever is changed after an approval needs it again, which the gate sees by the
    hash. Raises Invalid with errors by field; of an ended campaign only the lessons are changed."""
    allow(by, "change", campaign, trusted=trusted)
    campaign = locked(campaign)
    if campaign.state in ENDED and set(values) - {"lessons"}:
        raise Invalid(_("The campaign %(number)s has ended. Plan a new one.") % {"number": campaign.number})
    told = {name: values.get(name, getattr(campaign, name)) for name in ("starts_on", "ends_on", "control_group")}
    _must_make_sense(told)
    records.change(campaign, by=by, **values)
    return campaign


def _must_make_sense(values: Mapping[str, Any]) -> None:
    starts, ends, share = values.get("starts_on"), values.get("ends_on"), values.get("control_group")
    if starts and ends and ends < starts:
        raise Invalid(_("The campaign ends before it starts."), errors={"ends_on": _("Choose a later day.")})
    if share is not None and not 0 <= share < 100:
        raise Invalid(_("The control group is a share from 0 to 99 percent."), errors={"control_group": _("0 to 99.")})


@transaction.atomic
def write_content(
    *, campaign: Campaign, subjects: Mapping[str, str], bodies: Mapping[str, str], by: Any = None, trusted: bool = False
) -> Campaign:
    """Write subject and text of the mail by language. Raises Invalid when a language has one without the other, or
    there is none at all."""
    allow(by, "change", campaign, trusted=trusted)
    kept_subjects = {lang: str(subjects.get(lang) or "").strip() for lang in LANGUAGES}
    kept_bodies = {lang: str(bodies.get(lang) or "").strip() for lang in LANGUAGES}
    whole = [lang for lang in LANGUAGES if kept_subjects[lang] and kept_bodies[lang]]
    half = [lang for lang in LANGUAGES if bool(kept_subjects[lang]) != bool(kept_bodies[lang])]
    if half or not whole:
        raise Invalid(_("A mail needs a subject and a text in each language that it is sent in, and at least one language."))
    campaign = locked(campaign)
    records.change(
        campaign, by=by, subjects={lang: kept_subjects[lang] for lang in whole},
        bodies={lang: kept_bodies[lang] for lang in whole},
    )  # fmt: skip
    return campaign


def check_campaign(*, campaign: Campaign) -> dict[str, Any]:
    """What reviewers must know (B19, C3): what the brief lacks, how many can be reached and why others cannot, and
    whom other campaigns speak to at the time."""
    audience = selectors.audience_of(campaign)
    overlap, others = selectors.overlap_of(campaign, audience.reachable)
    risky = sum(1 for contact in audience.reachable if contact.account is not None and contact.account.risk == "high")
    reached = len(audience.reachable)
    return {
        "missing": selectors.missing_in_brief(campaign), "audience": reached, "left_out": audience.left_out,
        "suppressed": audience.left_out.get("suppressed", 0), "no_consent": audience.left_out.get("no_consent", 0),
        "overlap": overlap, "overlap_percent": round(overlap * 100 / reached, 1) if reached else 0,
        "overlap_with": others, "risky": risky,
    }  # fmt: skip


@transaction.atomic
def set_state(*, campaign: Campaign, state: str, by: Any = None, trusted: bool = False) -> Campaign:
    """Say where a campaign stands. Raises Invalid for an unknown state or an ended campaign."""
    allow(by, "change", campaign, trusted=trusted)
    if state not in CampaignState.values:
        raise Invalid(_("“%(state)s” is no state of a campaign.") % {"state": state})
    campaign = locked(campaign)
    if campaign.state == state:
        return campaign
    if campaign.state in ENDED:
        raise Invalid(_("The campaign %(number)s has ended. Plan a new one.") % {"number": campaign.number})
    records.change(campaign, by=by, state=state)
    return campaign


@transaction.atomic
def approve(*, campaign: Campaign, final: bool = False, by: Any = None, trusted: bool = False) -> Campaign:
    """Approve exactly what the campaign says now and reserve its budget; `final` takes the content in as well.

    The approval holds for 60 days, and only as long as nothing of it is changed.
    """
    allow(by, "change", campaign, trusted=trusted)
    campaign = locked(campaign)
    if campaign.state in ENDED:
        raise Invalid(_("The campaign %(number)s has ended. Plan a new one.") % {"number": campaign.number})
    now = ports.now()
    records.change(
        campaign, by=by, state=CampaignState.PREPARING if final else CampaignState.APPROVED, reserved=campaign.budget,
        approved_hash=hash_of(campaign, BRIEF + CONTENT if final else BRIEF), approved_at=now,
        approval_expires_at=now + APPROVAL_HOLDS,
    )  # fmt: skip
    return campaign


def gate(*, campaign: Campaign) -> Gate:
    """Whether the campaign may send: finally approved, for what it says now, not too long ago."""
    if campaign.state in ENDED:
        return Gate(False, "The campaign has ended.", "活动已结束。")
    if not campaign.approved_hash:
        return Gate(False, "It was never approved.", "尚未获批。")
    if campaign.approved_hash != hash_of(campaign, BRIEF + CONTENT):
        return Gate(False, "It was changed after its approval.", "获批后内容有改动。")
    if campaign.approval_expires_at is not None and campaign.approval_expires_at < ports.now():
        return Gate(False, "The approval is older than 60 days.", "审批已超过 60 天。")
    return Gate(True)


@transaction.atomic
def pause(*, campaign: Campaign, by: Any = None, trusted: bool = False) -> Campaign:
    """Send nothing for the time being; only a running campaign is paused."""
    allow(by, "change", campaign, trusted=trusted)
    campaign = locked(campaign)
    if campaign.state == CampaignState.RUNNING:
        records.change(campaign, by=by, state=CampaignState.PAUSED)
    return campaign


@transaction.atomic
def resume(*, campaign: Campaign, by: Any = None, trusted: bool = False) -> Campaign:
    """Send on. Raises Invalid when the campaign is not paused."""
    allow(by, "change", campaign, trusted=trusted)
    campaign = locked(campaign)
    if campaign.state != CampaignState.PAUSED:
        raise Invalid(_("The campaign %(number)s is not paused.") % {"number": campaign.number})
    records.change(campaign, by=by, state=CampaignState.RUNNING)
    return campaign


@transaction.atomic
def stop(*, campaign: Campaign, by: Any = None, trusted: bool = False) -> Campaign:
    """Send nothing any more. Stopping twice changes nothing; a closed campaign stays closed."""
    allow(by, "change", campaign, trusted=trusted)
    campaign = locked(campaign)
    if campaign.state not in ENDED:
        records.change(campaign, by=by, state=CampaignState.STOPPED)
        events.stopped(campaign)
    return campaign


@transaction.atomic
def evaluate(*, campaign: Campaign, by: Any = None, trusted: bool = False) -> dict[str, Any]:
    """Work out what came of it (B10) and keep the figures with the campaign."""
    allow(by, "change", campaign, trusted=trusted)
    campaign = locked(campaign)
    found = selectors.results(campaign)
    records.change(campaign, by=by, evaluation=found, evaluated_at=ports.now())
    return found


@transaction.atomic
def close_campaign(*, campaign: Campaign, lessons: str = "", by: Any = None, trusted: bool = False) -> Campaign:
    """The campaign is over; its lessons stay. Closing twice changes nothing."""
    allow(by, "change", campaign, trusted=trusted)
    campaign = locked(campaign)
    values: dict[str, Any] = {"lessons": lessons.strip() or campaign.lessons}
    if campaign.state not in ENDED:
        values["state"] = CampaignState.CLOSED
    records.change(campaign, by=by, **values)
    return campaign

