"""Record pages of service."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from admin_ext.base import PolicyModelAdmin, ReadOnlyInline
from admin_ext.site import site
from crm_core.service import models, services


class MessageInline(ReadOnlyInline):
    model = models.CaseMessage
    fields = ("at", "direction", "by", "text")


class ResolutionInline(ReadOnlyInline):
    model = models.Resolution
    fields = ("at", "cause", "text", "accepted", "by")


class AnswerInline(ReadOnlyInline):
    model = models.SurveyAnswer
    fields = ("at", "mark", "text")


_WHO = ("account", "contact", ("contact_name", "company"), ("contact_email", "contact_phone"), "language")
_WHAT = ("subject_line", ("kind", "channel"), "description", ("product", "product_group"), ("impact", "remedy_sought"))
_RISKS = (("injury_risk", "data_breach"), ("legal_threat", "vulnerable"), "about_person")


class CaseAdmin(PolicyModelAdmin):
    belongs_here = _("Enquiries, complaints, faults and requests. They come from the web form and by mail; write down who rang.")
    on_create = services.enter_case
    on_change = services.change_case
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
    add_fieldsets = (
        (None, {"fields": _WHAT}),
        (_("The customer"), {
            "fields": _WHO,
            "description": _("Leave account and contact empty if you are not sure: they are looked up by name, e-mail and telephone."),
        }),
        (_("What makes it pressing"), {"fields": _RISKS}),
        (_("Who answers for it"), {"fields": (("owner", "branch"),)}),
    )  # fmt: skip
    fieldsets = (
        (None, {"fields": (("status", "severity"), *_WHAT)}),
        (_("The customer"), {"fields": (*_WHO, "entitlement")}),
        (_("Who looks after it"), {"fields": (("handler", "contact_person"), ("owner", "branch"), ("priority", "escalation_level"))}),
        (_("What makes it pressing"), {"fields": _RISKS}),
        (_("What came of it"), {"fields": ("cause", "root_cause", "resolution", ("customer_answer", "currency"))}),
        (_("What has happened"), {"fields": (("received_at", "acknowledged_at"), ("answered_at", "closed_at"), "reopen_count")}),
    )  # fmt: skip


class EntitlementAdmin(PolicyModelAdmin):
    belongs_here = _("Which service level an account may expect, and for how long.")
    list_display = ("account", "level", "product", "starts_on", "ends_on")
    list_filter = ("level",)
    search_fields = ("account__name", "account__name_zh")
    budget = ("account", "level", "product")
    autocomplete_fields = ("account", "product")


class LevelAdmin(PolicyModelAdmin):
    belongs_here = _("Promised times to acknowledge and to answer.")
    list_display = ("name", "tier", "acknowledge_within", "answer_within")
    search_fields = ("name", "key")


class CompensationAdmin(PolicyModelAdmin):
    belongs_here = _("What customers got to make up for a failure; it comes from the handling of a case.")
    read_only = True
    list_display = ("case", "kind", "amount", "currency", "state")
    list_filter = ("kind", "state")
    search_fields = ("case__number",)
    budget = ("case",)


class SurveyAdmin(PolicyModelAdmin):
    belongs_here = _("Questions sent to customers, and their answers; processes send them.")
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
