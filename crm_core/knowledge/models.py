"""Rows of the knowledge base: articles, their versions, opinions on them, and the search index."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from crm_core.kernel.records import Numbered, Record
from processes import ports


class Article(Numbered, Record):
    """An article: a solution, manual, answer to a frequent question, or technical paper (B13).

    The row holds the present text; earlier ones stand in `versions`. `indexed_with` names the
    segmentation that the index was built with, so that a new one can re-index.
    """

    class Kind(models.TextChoices):
        SOLUTION = "solution", _("solution")
        MANUAL = "manual", _("manual")
        FAQ = "faq", _("frequent question")
        PAPER = "paper", _("technical paper")

    class Status(models.TextChoices):
        DRAFT = "draft", _("draft")
        IN_REVIEW = "in_review", _("in review")
        PUBLISHED = "published", _("published")
        RETIRED = "retired", _("retired")

    NUMBER_PREFIX = "KB"

    kind = models.CharField(_("kind"), max_length=20, choices=Kind.choices, default=Kind.SOLUTION)
    language = models.CharField(
        _("language"), max_length=10, choices=[("en", "English"), ("zh-hans", "简体中文")]
    )
    title = models.CharField(_("title"), max_length=300)
    body = models.TextField(_("text"), blank=True, help_text=_("Markdown."))
    product = models.CharField(_("product"), max_length=200, blank=True)
    product_group = models.CharField(_("product group"), max_length=20, blank=True)
    keywords = models.CharField(
        _("keywords"), max_length=300, blank=True, help_text=_("Separated by commas.")
    )
    status = models.CharField(_("status"), max_length=20, choices=Status.choices, default=Status.DRAFT)
    is_public = models.BooleanField(_("customers may read it"), default=False)
    edition = models.PositiveIntegerField(_("edition"), default=1)
    translation_of = models.ForeignKey(
        "self",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="translations",
        verbose_name=_("translation of"),
    )
    published_at = models.DateTimeField(_("published at"), null=True, blank=True)
    segmented = models.TextField(_("words for the search"), blank=True, editable=False)
    word_count = models.PositiveIntegerField(_("number of words"), default=0, editable=False)
    indexed_with = models.CharField(_("indexed with"), max_length=20, blank=True, editable=False)

    class Meta:
        verbose_name = _("article")
        verbose_name_plural = _("articles")
        ordering = ["-id"]
        indexes = [models.Index(fields=["status", "language"], name="knowledge_status_language")]

    def __str__(self) -> str:
        return f"{self.number} {self.title}".strip()


class ArticleVersion(models.Model):
    """An article's text as it was; never changed."""

    article = models.ForeignKey(Article, models.CASCADE, related_name="versions", verbose_name=_("article"))
    number = models.PositiveIntegerField(_("version"))
    title = models.CharField(_("title"), max_length=300)
    body = models.TextField(_("text"), blank=True)
    at = models.DateTimeField(_("at"), default=ports.now)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("by"),
    )

    class Meta:
        verbose_name = _("version of an article")
        verbose_name_plural = _("versions of articles")
        ordering = ["article", "number"]
        constraints = [models.UniqueConstraint(fields=["article", "number"], name="knowledge_version_once")]

    def __str__(self) -> str:
        return f"{self.title} ({self.number})"


class ArticleTerm(models.Model):
    """How often a word stands in an article: one posting of the search index.

    `weight` counts a word of the title four times, of the keywords three times.
    """

    article = models.ForeignKey(Article, models.CASCADE, related_name="terms", verbose_name=_("article"))
    term = models.CharField(_("word"), max_length=60)
    weight = models.PositiveIntegerField(_("weight"))

    class Meta:
        verbose_name = _("word of an article")
        verbose_name_plural = _("words of articles")
        constraints = [models.UniqueConstraint(fields=["term", "article"], name="knowledge_term_once")]

    def __str__(self) -> str:
        return self.term


class ArticleFeedback(models.Model):
    """Whether an article helped, and what is wrong with it."""

    article = models.ForeignKey(Article, models.CASCADE, related_name="feedback", verbose_name=_("article"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("by"),
    )
    at = models.DateTimeField(_("at"), default=ports.now)
    helpful = models.BooleanField(_("helped"))
    text = models.TextField(_("remarks"), blank=True)

    class Meta:
        verbose_name = _("opinion on an article")
        verbose_name_plural = _("opinions on articles")
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.article}: {self.helpful}"
