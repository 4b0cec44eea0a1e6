"""Registers campaigns as something that processes can be about, and segments as choices of forms."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from crm_core.kernel import audiences
from crm_core.kernel.declared import subject_type
from crm_core.kernel.grouping import By
from crm_core.marketing.fields import CAMPAIGN
from crm_core.marketing.models import Campaign, Segment
from crm_core.marketing.selectors import accounts_in
from crm_core.marketing.services import update_campaign
from processes import api


def _campaign(campaign: Campaign, **how: Any) -> None:
    update_campaign(campaign=campaign, **how)


def segments() -> list[tuple[int, str]]:
    """Choices of a form: the groups that campaigns speak to."""
    return [(row.pk, row.name) for row in Segment.objects.filter(is_active=True).order_by("name")]


def segments_by_key() -> list[tuple[str, str]]:
    """The segments in use, as groups of customers that a pilot may be for."""
    return [(row.key, row.name) for row in Segment.objects.filter(is_active=True).order_by("name")]


def register() -> None:
    """Called once from AppConfig.ready."""
    api.register_subject(
        subject_type(key="campaign", model=Campaign, fields=CAMPAIGN, update=_campaign, related=("segment",),
                     groups=(By("kind", "kind"),))
    )
    api.register_choices("segments", segments)
    audiences.register(audiences.OfCustomers("segment", _("customer’s segment"), segments_by_key, accounts_in))
