"""Record pages of the knowledge base."""

from __future__ import annotations

from admin_ext.base import PolicyModelAdmin, ReadOnlyInline
from admin_ext.site import site
from crm_core.knowledge import models


class VersionInline(ReadOnlyInline):
    model = models.ArticleVersion
    fields = ("number", "title", "at", "by")


class FeedbackInline(ReadOnlyInline):
    model = models.ArticleFeedback
    fields = ("helpful", "text", "at", "by")


class ArticleAdmin(PolicyModelAdmin):
    subject_type = "article"
    list_display = ("number", "title", "kind", "language", "status", "owner", "published_at")
    list_filter = ("status", "kind", "language", "product_group")
    search_fields = ("number", "title", "keywords", "segmented")
    budget = ("owner",)
    autocomplete_fields = ("translation_of",)
    readonly_fields = ("edition", "status", "published_at")
    inlines = (VersionInline, FeedbackInline)


site.register(models.Article, ArticleAdmin)
