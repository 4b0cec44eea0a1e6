"""Who may read and write articles."""

from __future__ import annotations

from typing import Any

from django.db.models import Q

from crm_core.kernel.access.policies import NOTHING, Policy, register
from crm_core.kernel.access.standing import Standing
from crm_core.kernel.models.access import Level
from crm_core.knowledge import models


@register
class ArticlePolicy(Policy):
    """Drafts and retired articles are read only by those who may change articles."""

    key = "article"
    model = models.Article

    def narrow(self, user: Any, standing: Standing, action: str, condition: Q) -> Q:
        """Readers see what is published, and what is their own."""
        if action != "view" or standing.level(self.key, "change") == Level.ALL:
            return condition
        seen = Q(status=models.Article.Status.PUBLISHED) | Q(owner=standing.user_id)
        return condition & (seen | self.granted(standing, "view"))


class _PartOfArticle(Policy):
    owner = branch = ""
    via = ("article",)


@register
class ArticleVersionPolicy(_PartOfArticle):
    """Earlier texts are for those who may change the article."""

    key = "article_version"
    model = models.ArticleVersion
    via_actions = {"view": "change", "export": "export"}


@register
class ArticleTermPolicy(_PartOfArticle):
    """The index is nobody's to read."""

    key = "article_term"
    model = models.ArticleTerm

    def condition(self, user: Any, standing: Standing, action: str) -> Q:
        """Nothing."""
        return NOTHING


@register
class ArticleFeedbackPolicy(Policy):
    key = "article_feedback"
    model = models.ArticleFeedback
    owner = "by"
    branch = ""
