"""Record pages of service."""

from __future__ import annotations

from admin_ext.base import PolicyModelAdmin, ReadOnlyInline
from admin_ext.site import site
from crm_core.service import models


class MessageInline(ReadOnlyInline):
    model = models.CaseMessage
    fields = ("at", "direction", "by", "text")


class ResolutionInline(ReadOnlyInline):
    model = models.Resolution
    fields = ("at", "cause", "text", "accepted", "by")


class AnswerInline(ReadOnlyInline):
    model = models.SurveyAnswer
    fields = ("at", "mark", "text")


class CaseAdmin(PolicyModelAdmin):
    subject_type = "case"
    list_display = ("number", "subject_line", "account", "kind", "severity", "status", "handler", "received_at")
    list_filter = ("status", "kind", "severity", "channel", "branch")
    search_fields = ("number", "subject_line", "contact_name", "account__name", "account__name_zh")
    budget = ("account", "handler")
    autocomplete_fields = ("account", "contact", "entitlement")
    readonly_fields = ("status", "severity", "priority", "reopen_count", "escalation_level", "acknowledged_at",
                       "answered_at", "closed_at", "customer_answer", "received_at", "resolution")  # fmt: skip
    hidden_fields = ("custom", "payload", "idempotency_key")
    inlines = (MessageInline, ResolutionInline)
    ordering = ("-received_at", "-id")


class EntitlementAdmin(PolicyModelAdmin):
    list_display = ("account", "level", "product", "starts_on", "ends_on")
    list_filter = ("level",)
    search_fields = ("account__name", "account__name_zh")
    budget = ("account", "level", "product")
    autocomplete_fields = ("account", "product")


class LevelAdmin(PolicyModelAdmin):
    list_display = ("name", "tier", "acknowledge_within", "answer_within")
    search_fields = ("name", "key")


class CompensationAdmin(PolicyModelAdmin):
    read_only = True
    list_display = ("case", "kind", "amount", "currency", "state")
    list_filter = ("kind", "state")
    search_fields = ("case__number",)
    budget = ("case",)


class SurveyAdmin(PolicyModelAdmin):
    read_only = True
    list_display = ("kind", "account", "case", "sent_at", "answered_at")
    list_filter = ("kind",)
    budget = ("account", "case")
    inlines = (AnswerInline,)
    hidden_fields = ("custom", "token", "key")


site.register(models.Case, CaseAdmin)
site.register(models.Entitlement, EntitlementAdmin)
site.register(models.ServiceLevel, LevelAdmin)
site.register(models.Compensation, CompensationAdmin)
site.register(models.Survey, SurveyAdmin)
