"""Who may see and do what with marketing records. Parts follow their whole."""

from __future__ import annotations

from crm_core.kernel.access.policies import Policy, register
from crm_core.marketing import models


@register
class SegmentPolicy(Policy):
    key = "segment"
    model = models.Segment


@register
class SegmentMemberPolicy(Policy):
    key = "segment_member"
    model = models.SegmentMember
    owner = branch = ""
    via = ("segment",)


@register
class CampaignPolicy(Policy):
    key = "campaign"
    model = models.Campaign


class _PartOfCampaign(Policy):
    owner = branch = ""
    via = ("campaign",)


@register
class CampaignMemberPolicy(_PartOfCampaign):
    key = "campaign_member"
    model = models.CampaignMember


@register
class ResponsePolicy(_PartOfCampaign):
    key = "response"
    model = models.Response


@register
class MailingPolicy(_PartOfCampaign):
    """What went out is read with its campaign and never written by people."""

    key = "mailing"
    model = models.Mailing
    via_actions = {"view": "view", "export": "export"}


class _PartOfMailing(Policy):
    owner = branch = ""
    via = ("mailing",)
    via_actions = {"view": "view", "export": "export"}


@register
class MailingBatchPolicy(_PartOfMailing):
    key = "mailing_batch"
    model = models.MailingBatch


@register
class MailingRecipientPolicy(_PartOfMailing):
    key = "mailing_recipient"
    model = models.MailingRecipient
