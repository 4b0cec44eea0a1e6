"""Record pages of marketing."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from admin_ext.base import PartInline, PolicyModelAdmin, ReadOnlyInline
from admin_ext.site import site
from crm_core.marketing import models, services


class SegmentMemberInline(PartInline):
    model = models.SegmentMember
    fields = ("contact",)
    autocomplete_fields = ("contact",)


class BatchInline(ReadOnlyInline):
    model = models.MailingBatch
    fields = ("number", "at", "sent", "skipped")


_PLAN = ("name", ("kind", "segment"), "goal", "goal_measure", "offer", "channels", ("starts_on", "ends_on"), ("owner", "branch"))
_MONEY = (("budget", "currency"), ("expected_return", "control_group"))
_CHECKS = (("claims", "regulated"), ("new_brand_element", "personal_data"), "consent_basis", "legal_text")
_CONTENT = ("mail_template", "subjects", "bodies", "landing_form", "briefing")


class CampaignAdmin(PolicyModelAdmin):
    belongs_here = _("What marketing does, for whom and at what cost. A campaign begins as a draft and goes out once it is approved.")
    on_create = services.plan_campaign
    on_change = services.change_campaign
    subject_type = "campaign"
    list_display = ("number", "name", "kind", "state", "budget", "currency", "starts_on", "owner")
    list_filter = ("state", "kind")
    search_fields = ("number", "name", "goal")
    readonly_fields = ("state", "reserved", "spent", "approved_at", "approval_expires_at",
                       "audience_size", "launched_at", "evaluated_at")  # fmt: skip
    hidden_fields = ("custom", "approved_hash", "evaluation")
    add_fieldsets = (
        (None, {"fields": _PLAN}),
        (_("Money"), {"fields": _MONEY}),
        (_("What reviewers must know"), {"fields": _CHECKS}),
        (_("What is sent"), {"fields": _CONTENT}),
    )
    fieldsets = (
        (None, {"fields": ("state", *_PLAN)}),
        (_("Money"), {"fields": (*_MONEY, ("reserved", "spent"))}),
        (_("What reviewers must know"), {"fields": _CHECKS}),
        (_("What is sent"), {"fields": _CONTENT}),
        (_("What came of it"), {"fields": ("lessons", ("approved_at", "approval_expires_at"), ("launched_at", "audience_size"),
                                           "evaluated_at")}),
    )  # fmt: skip
    autocomplete_fields = ("segment",)
    ordering = ("-id",)
    budget = ("owner",)


class SegmentAdmin(PolicyModelAdmin):
    belongs_here = _("Whom campaigns speak to: by a rule, or a fixed list of contacts.")
    list_display = ("name", "kind", "is_active", "owner")
    list_filter = ("kind", "is_active")
    search_fields = ("key", "name")
    inlines = (SegmentMemberInline,)
    budget = ("owner",)


class MailingAdmin(PolicyModelAdmin):
    belongs_here = _("What campaigns sent, batch by batch.")
    read_only = True
    list_display = ("campaign", "state")
    list_filter = ("state",)
    inlines = (BatchInline,)
    budget = ("campaign",)


class ResponseAdmin(PolicyModelAdmin):
    belongs_here = _("What people answered to campaigns.")
    read_only = True
    list_display = ("campaign", "channel", "text", "lead", "at")
    list_filter = ("channel",)
    search_fields = ("text", "campaign__name", "campaign__number")
    ordering = ("-at",)
    budget = ("campaign", "lead")


site.register(models.Campaign, CampaignAdmin)
site.register(models.Segment, SegmentAdmin)
site.register(models.Mailing, MailingAdmin)
site.register(models.Response, ResponseAdmin)
