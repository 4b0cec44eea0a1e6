"""Record pages of marketing."""

from __future__ import annotations

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


class CampaignAdmin(PolicyModelAdmin):
    on_create = services.plan_campaign
    on_change = services.change_campaign
    subject_type = "campaign"
    list_display = ("number", "name", "kind", "state", "budget", "currency", "starts_on", "owner")
    list_filter = ("state", "kind")
    search_fields = ("number", "name", "goal")
    readonly_fields = ("state", "reserved", "spent", "approved_hash", "approved_at", "approval_expires_at",
                       "audience_size", "launched_at", "evaluation", "evaluated_at")  # fmt: skip
    autocomplete_fields = ("segment",)
    ordering = ("-id",)
    budget = ("owner",)


class SegmentAdmin(PolicyModelAdmin):
    list_display = ("name", "kind", "is_active", "owner")
    list_filter = ("kind", "is_active")
    search_fields = ("key", "name")
    inlines = (SegmentMemberInline,)
    budget = ("owner",)


class MailingAdmin(PolicyModelAdmin):
    read_only = True
    list_display = ("campaign", "state")
    list_filter = ("state",)
    inlines = (BatchInline,)
    budget = ("campaign",)


class ResponseAdmin(PolicyModelAdmin):
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
