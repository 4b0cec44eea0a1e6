"""What happens to articles: written, revised, published, retired, judged; and their search index."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction

from crm_core.kernel import declared, records
from crm_core.kernel.access.authority import allow
from crm_core.kernel.models import Branch
from crm_core.knowledge import events
from crm_core.knowledge.fields import ARTICLE
from crm_core.knowledge.models import Article, ArticleFeedback, ArticleTerm, ArticleVersion
from crm_core.knowledge.selectors import out_of_date_index
from crm_core.knowledge.words import SEGMENTATION, weigh
from processes import ports
from processes.api import gettext as _
from processes.errors import Invalid

TITLE_WEIGHT, KEYWORD_WEIGHT = 4, 3


@transaction.atomic
def write_article(
    *,
    title: str,
    body: str,
    language: str,
    kind: str = Article.Kind.SOLUTION,
    keywords: str = "",
    product: str = "",
    product_group: str = "",
    is_public: bool = False,
    translation_of: Article | None = None,
    owner: Any = None,
    branch: Branch | None = None,
    publish_now: bool = False,
    by: Any = None,
    trusted: bool = False,
) -> Article:
    """Write a new article of `owner` (else of `by`); it is a draft until its process (or `publish_now`, for imports) publishes it.

    Raises Invalid for an empty title or unknown words.
    """
    allow(by, "add", Article, trusted=trusted)
    if not title.strip():
        raise Invalid(_("An article needs a title."), errors={"title": _("Give a title.")})
    values = declared.clean(
        Article(),
        ARTICLE,
        {
            "title": title,
            "body": body,
            "language": language,
            "kind": kind,
            "keywords": keywords,
            "product": product,
            "product_group": product_group,
        },
    )
    article = records.create(
        Article, by=by, **values, owner=owner or by, branch=branch, is_public=is_public, translation_of=translation_of
    )
    ArticleVersion.objects.create(article=article, number=1, title=article.title, body=article.body, by=by)
    index([article])
    if publish_now:
        publish(article=article, by=by, trusted=True)
    return article


def revise(*, article: Article, changes: Mapping[str, Any], by: Any = None, trusted: bool = False) -> Article:
    """Write declared fields of an article after checking them; see `change_article`."""
    allow(by, "change", article, trusted=trusted)
    return change_article(article, by=by, trusted=trusted, **declared.clean(article, ARTICLE, changes))


@transaction.atomic
def change_article(article: Article, *, by: Any = None, trusted: bool = False, **values: Any) -> Article:
    """Write checked values by field. A new title or text is a new edition; the earlier one is kept.

    A published article goes back to draft, so that its process approves the new text.
    """
    allow(by, "change", article, trusted=trusted)
    article = Article.objects.select_for_update(of=("self",)).get(pk=article.pk)
    if "title" in values and not values["title"]:
        raise Invalid(_("An article needs a title."), errors={"title": _("Give a title.")})
    new_text = any(name in values and values[name] != getattr(article, name) for name in ("title", "body"))
    if new_text:
        values["edition"] = article.edition + 1
        if article.status == Article.Status.PUBLISHED:
            values["status"] = Article.Status.DRAFT
    records.change(article, by=by, **values)
    if new_text:
        ArticleVersion.objects.create(
            article=article, number=article.edition, title=article.title, body=article.body, by=by, at=ports.now()
        )
    index([article])
    return article


def _set_status(article: Article, status: str, by: Any, **values: Any) -> Article:
    article = Article.objects.select_for_update(of=("self",)).get(pk=article.pk)
    records.change(article, by=by, status=status, **values)
    return article


@transaction.atomic
def submit_article(*, article: Article, by: Any = None, trusted: bool = False) -> Article:
    """Hand a draft in for review; publishes `article.submitted`."""
    allow(by, "change", article, trusted=trusted)
    article = _set_status(article, Article.Status.IN_REVIEW, by)
    events.article_submitted(article)
    return article


@transaction.atomic
def publish(*, article: Article, by: Any = None, trusted: bool = False) -> Article:
    """Publish the present text."""
    allow(by, "change", article, trusted=trusted)
    if not article.body.strip():
        raise Invalid(_("An article without text cannot be published. Write it first."))
    return _set_status(article, Article.Status.PUBLISHED, by, published_at=ports.now())


@transaction.atomic
def retire(*, article: Article, by: Any = None, trusted: bool = False) -> Article:
    """Take an article out of the search."""
    allow(by, "change", article, trusted=trusted)
    return _set_status(article, Article.Status.RETIRED, by)


@transaction.atomic
def judge(*, article: Article, helpful: bool, text: str = "", by: Any) -> ArticleFeedback:
    """Say whether an article helped. Whoever may read it may judge it; a second opinion replaces the first."""
    allow(by, "view", article)
    opinion, _new = ArticleFeedback.objects.update_or_create(
        article=article, by=by, defaults={"helpful": helpful, "text": text, "at": ports.now()}
    )
    return opinion


@transaction.atomic
def index(articles: Iterable[Article]) -> int:
    """Write the search index of articles anew; returns how many words were written."""
    listed = list(articles)
    postings, written = [], 0
    for article in listed:
        weights = weigh(
            [(article.title, TITLE_WEIGHT), (article.keywords, KEYWORD_WEIGHT), (article.body, 1)]
        )
        article.segmented = " ".join(weights)
        article.word_count = weights.total()
        article.indexed_with = SEGMENTATION
        postings += [ArticleTerm(article=article, term=term, weight=w) for term, w in weights.items()]
        written += len(weights)
    ArticleTerm.objects.filter(article__in=[article.pk for article in listed]).delete()
    ArticleTerm.objects.bulk_create(postings, batch_size=2000)
    # The index is derived: it moves neither the version nor the date of the record.
    Article.objects.bulk_update(listed, ["segmented", "word_count", "indexed_with"], batch_size=200)
    return written


def reindex(*, batch: int = 500) -> int:
    """Bring the index up to date after a change of the segmentation; returns how many articles."""
    done = 0
    while articles := list(out_of_date_index()[:batch]):
        index(articles)
        done += len(articles)
    return done
