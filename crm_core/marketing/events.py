"""The messages that marketing publishes, each in the transaction of what happened, each once."""

from __future__ import annotations

from crm_core.marketing.models import Campaign
from processes import api

STOPPED = "campaign.stopped"


def stopped(campaign: Campaign) -> None:
    """Somebody has stopped a campaign: who waits for its end goes on."""
    api.message(
        STOPPED,
        correlation=campaign.number,
        subject=("campaign", campaign.pk),
        data={"state": campaign.state},
        key=f"{STOPPED}:{campaign.pk}",
    )
