"""Who may see and do what with service records. Parts follow their case."""

from __future__ import annotations

from typing import Any

from django.db.models import Q

from crm_core.kernel.access.policies import NOTHING, Policy, register
from crm_core.kernel.access.standing import Standing
from crm_core.kernel.models.access import Level
from crm_core.service import models


@register
class CasePolicy(Policy):
    """The handler may do what the owner may; the person complained about sees nothing of it."""

    key = "case"
    model = models.Case

    def more(self, user: Any, standing: Standing, action: str) -> Q:
        """Own work: cases one handles or is the contact person of."""
        if standing.level(self.key, action).rank < Level.OWN.rank:
            return NOTHING
        mine = Q(handler=standing.user_id)
        return mine | Q(contact_person=standing.user_id) if action == "view" else mine

    def narrow(self, user: Any, standing: Standing, action: str, condition: Q) -> Q:
        """Independence (ISO 10002): not the one whom the complaint is about."""
        return condition & (Q(about_person__isnull=True) | ~Q(about_person=standing.user_id))


class _PartOfCase(Policy):
    owner = branch = ""
    via = ("case",)


@register
class CaseMessagePolicy(_PartOfCase):
    key = "case_message"
    model = models.CaseMessage


@register
class CaseArticlePolicy(_PartOfCase):
    key = "case_article"
    model = models.CaseArticle


@register
class ResolutionPolicy(_PartOfCase):
    """History: read with its case, never written by people."""

    key = "resolution"
    model = models.Resolution
    via_actions = {"view": "view", "export": "export"}


@register
class EntitlementPolicy(Policy):
    key = "entitlement"
    model = models.Entitlement


@register
class ServiceLevelPolicy(Policy):
    key = "service_level"
    model = models.ServiceLevel


@register
class CompensationPolicy(Policy):
    key = "compensation"
    model = models.Compensation
    via = ("case",)
    via_actions = {"view": "view"}


@register
class SurveyPolicy(Policy):
    key = "survey"
    model = models.Survey


@register
class SurveyAnswerPolicy(Policy):
    key = "survey_answer"
    model = models.SurveyAnswer
    owner = branch = ""
    via = ("survey",)
    via_actions = {"view": "view", "export": "export"}
