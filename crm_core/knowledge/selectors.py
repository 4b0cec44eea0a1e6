"""Reads of the knowledge base: full-text search and what helps with a case.

Ranking is Okapi BM25 (S. Robertson, H. Zaragoza, "The Probabilistic Relevance Framework",
2009; k1 = 1.2, b = 0.75) over the posting table, computed in one SQL statement that runs on
every database. Words of the title and the keywords weigh more.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from django.db.models import Avg, Case, Count, F, FloatField, Q, QuerySet, Sum, Value, When
from django.db.models.functions import Cast

from crm_core.kernel.access.policies import policy_for
from crm_core.knowledge.models import Article, ArticleTerm
from crm_core.knowledge.words import query_words

K1, B = 1.2, 0.75


@dataclass(frozen=True, slots=True)
class Hit:
    """An article found, with its score (higher fits better) and how many of the words it has."""

    article: Article
    score: float
    matched: int


def search(
    user: Any,
    text: str,
    *,
    language: str | None = None,
    kind: str | None = None,
    limit: int = 20,
    published_only: bool = True,
) -> list[Hit]:
    """The articles that `user` may see and that fit the words best, best first.

    Works in Chinese and English, also mixed. Nothing sensible asked gives nothing.
    """
    return _ranked(policy_for(Article).rows(user), text, language, kind, limit, published_only)


def search_public(text: str, *, language: str | None = None, limit: int = 5) -> list[Hit]:
    """What customers may read without signing in."""
    return _ranked(Article.objects.filter(is_public=True), text, language, None, limit, True)


def propose(text: str, *, language: str | None = None, product_group: str = "", limit: int = 5) -> list[Hit]:
    """The published articles that may help with a case, whoever works on it.

    The case's language comes first; articles for another product group are left out.
    """
    rows = Article.objects.all()
    if product_group and product_group != "other":
        rows = rows.filter(Q(product_group="") | Q(product_group=product_group))
    hits = _ranked(rows, text, None, None, limit * 3, True)
    if language:
        hits.sort(key=lambda hit: (hit.article.language != language, -hit.score, hit.article.pk))
    return hits[:limit]


def _ranked(
    rows: QuerySet[Article], text: str, language: str | None, kind: str | None, limit: int, published_only: bool
) -> list[Hit]:
    asked = query_words(text)
    if not asked:
        return []
    if published_only:
        rows = rows.filter(status=Article.Status.PUBLISHED)
    if language:
        rows = rows.filter(language=language)
    if kind:
        rows = rows.filter(kind=kind)
    corpus = Article.objects.filter(status=Article.Status.PUBLISHED) if published_only else Article.objects.all()
    size = corpus.aggregate(count=Count("id"), mean=Avg("word_count"))
    count, mean = size["count"] or 1, float(size["mean"] or 1)
    frequency = dict(
        ArticleTerm.objects.filter(term__in=asked).order_by().values_list("term").annotate(Count("id"))
    )
    # A word that stands in nearly every article cannot rank anything.
    rarity = {
        term: math.log(1 + (count - found + 0.5) / (found + 0.5)) if found < count else 0.01
        for term, found in frequency.items()
    }
    if not rarity:
        return []
    weight = Cast(F("weight"), FloatField())
    length = Cast(F("article__word_count"), FloatField())
    saturation = (
        weight
        * Value(K1 + 1)
        / (weight + Value(K1) * (Value(1 - B) + Value(B) * length / Value(max(mean, 1.0))))
    )
    idf = Case(
        *[When(term=term, then=Value(value)) for term, value in rarity.items()],
        default=Value(0.0),
        output_field=FloatField(),
    )
    found = (
        ArticleTerm.objects.filter(term__in=list(rarity), article__in=rows.order_by().values("pk"))
        .order_by()
        .values("article_id")
        .annotate(score=Sum(idf * saturation, output_field=FloatField()), matched=Count("id"))
        .order_by("-score", "article_id")[:limit]
    )
    ranked = list(found)
    articles = Article.objects.in_bulk([row["article_id"] for row in ranked])
    return [Hit(articles[row["article_id"]], row["score"], row["matched"]) for row in ranked]


def out_of_date_index() -> QuerySet[Article]:
    """Articles whose index was built with another segmentation."""
    from crm_core.knowledge.words import SEGMENTATION

    return Article.objects.exclude(indexed_with=SEGMENTATION).order_by("pk")
