"""Rows of marketing: groups of people, campaigns, their members, mailings and answers."""

from crm_core.marketing.models.campaigns import Campaign, CampaignMember, Response
from crm_core.marketing.models.mailings import Mailing, MailingBatch, MailingRecipient
from crm_core.marketing.models.segments import Segment, SegmentMember

__all__ = [
    "Campaign",
    "CampaignMember",
    "Mailing",
    "MailingBatch",
    "MailingRecipient",
    "Response",
    "Segment",
    "SegmentMember",
]
