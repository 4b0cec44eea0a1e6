"""Who may see and change what was done with customers: each item of a timeline has its own answer."""

from __future__ import annotations

from typing import Any

from django.db.models import Q

from crm_core.activities.models import Activity, Attachment, MailOutbox, Template
from crm_core.kernel.access.policies import Policy, register
from crm_core.kernel.access.standing import Standing
from crm_core.kernel.models.access import Level


@register
class ActivityPolicy(Policy):
    """Seen by whoever sees the account (B4), unless private: then by owner and managers only."""

    key = "activity"
    model = Activity
    via = ("account",)
    via_actions = {"view": "view"}

    def narrow(self, user: Any, standing: Standing, action: str, condition: Q) -> Q:
        level = standing.level(self.key, action)
        open_to_managers = level.rank >= Level.BRANCH.rank
        if open_to_managers:
            return condition & (
                Q(private=False) | self.within(standing, level) | self.granted(standing, action)
            )
        return condition & (Q(private=False) | Q(owner=standing.user_id) | self.granted(standing, action))


@register
class AttachmentPolicy(Policy):
    key = "attachment"
    model = Attachment
    via = ("account",)


@register
class MailPolicy(Policy):
    """Mail is for those who work for the account, not for all who may look at it."""

    key = "mail_outbox"
    model = MailOutbox
    via = ("account",)
    via_actions = {"view": "change"}


@register
class TemplatePolicy(Policy):
    key = "template"
    model = Template
