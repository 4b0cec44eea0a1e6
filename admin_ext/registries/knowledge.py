"""Record pages of the knowledge base."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from admin_ext.base import PolicyModelAdmin, ReadOnlyInline
from admin_ext.site import site
from crm_core.knowledge import models, services


class VersionInline(ReadOnlyInline):
    model = models.ArticleVersion
    fields = ("number", "title", "at", "by")


class FeedbackInline(ReadOnlyInline):
    model = models.ArticleFeedback
    fields = ("helpful", "text", "at", "by")


_TEXT = ("title", ("kind", "language"), "body")
_ABOUT = ("keywords", ("product", "product_group"), "translation_of", "is_public", ("owner", "branch"))


class ArticleAdmin(PolicyModelAdmin):
    belongs_here = _("Solutions, manuals and answers to frequent questions, in the language of whoever asks.")
    on_create = services.write_article
    on_change = services.change_article
    subject_type = "article"
    rows_of_text = {"body": 18}
    list_display = ("number", "title", "kind", "language", "status", "owner", "published_at")
    list_filter = ("status", "kind", "language", "product_group")
    search_fields = ("number", "title", "keywords", "segmented")
    budget = ("owner",)
    autocomplete_fields = ("translation_of",)
    readonly_fields = ("edition", "status", "published_at")
    inlines = (VersionInline, FeedbackInline)
    add_fieldsets = ((None, {"fields": _TEXT}), (None, {"fields": _ABOUT}))
    fieldsets = ((None, {"fields": (("status", "edition"), *_TEXT)}), (None, {"fields": (*_ABOUT, "published_at")}))


site.register(models.Article, ArticleAdmin)
