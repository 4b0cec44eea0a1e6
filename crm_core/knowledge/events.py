"""The messages of the knowledge base."""

from __future__ import annotations

from crm_core.knowledge.models import Article
from processes import api

ARTICLE_SUBMITTED = "article.submitted"


def article_submitted(article: Article) -> None:
    """An edition of an article waits for approval."""
    api.message(
        ARTICLE_SUBMITTED,
        correlation=article.number,
        subject=("article", article.pk),
        data={"edition": article.edition},
        key=f"{ARTICLE_SUBMITTED}:{article.pk}:{article.edition}",
    )
