"""Record pages of sales."""

from __future__ import annotations

from admin_ext.base import PartInline, PolicyModelAdmin, ReadOnlyInline
from admin_ext.site import site
from crm_core.sales import models


class LineInline(PartInline):
    model = models.OpportunityLine
    fields = ("product", "quantity", "unit_price")
    autocomplete_fields = ("product",)


class MetInline(PartInline):
    model = models.CompetitorMet
    fields = ("competitor", "threat", "remarks", "met_at")
    readonly_fields = ("met_at",)


class BuyingInline(PartInline):
    model = models.BuyingRole
    fields = ("contact", "role", "remarks")
    autocomplete_fields = ("contact",)


class StageInline(ReadOnlyInline):
    model = models.StageChange
    fields = ("at", "from_stage", "to_stage", "amount", "currency", "probability", "by", "reason")


class QuoteLineInline(PartInline):
    model = models.QuoteLine
    fields = ("product", "description", "quantity", "list_price", "unit_cost", "discount_percent")
    autocomplete_fields = ("product",)


class RivalInline(PartInline):
    model = models.CompetitorProduct
    fields = ("name", "against", "price", "currency", "remarks")
    autocomplete_fields = ("against",)


class EntryInline(PartInline):
    model = models.PriceBookEntry
    fields = ("product", "from_quantity", "unit_price")
    autocomplete_fields = ("product",)


class LeadAdmin(PolicyModelAdmin):
    subject_type = "lead"
    list_display = ("number", "company", "contact_name", "grade", "score", "status", "owner", "received_at")
    list_filter = ("status", "grade", "source", "channel", "branch")
    search_fields = ("number", "company", "contact_name", "email", "phone")
    budget = ("owner",)
    autocomplete_fields = ("account", "contact", "product", "joined_to", "opportunity")
    readonly_fields = ("score", "grade", "status", "assigned_at", "first_contact_at", "misses", "converted_at",
                       "disqualify_reason", "joined_to", "opportunity", "received_at")  # fmt: skip
    hidden_fields = ("custom", "payload", "idempotency_key")
    ordering = ("-id",)


class OpportunityAdmin(PolicyModelAdmin):
    subject_type = "opportunity"
    list_display = ("number", "name", "account", "stage", "amount", "currency", "expected_close", "owner")
    list_filter = ("stage", "forecast_category", "branch")
    search_fields = ("number", "name", "account__name", "account__name_zh")
    budget = ("account", "owner")
    autocomplete_fields = ("account", "contact", "competitor")
    readonly_fields = ("stage", "stage_since", "probability", "closed_on", "push_count", "loss_reason", "lost_to",
                       "reopened_count", "external_id", "account_hint")  # fmt: skip
    inlines = (LineInline, BuyingInline, MetInline, StageInline)
    ordering = ("-id",)


class QuoteAdmin(PolicyModelAdmin):
    subject_type = "quote"
    list_display = ("number", "opportunity", "status", "total", "currency", "discount_percent", "valid_until", "owner")
    list_filter = ("status",)
    search_fields = ("number", "opportunity__number", "opportunity__name")
    budget = ("opportunity", "owner")
    autocomplete_fields = ("opportunity",)
    readonly_fields = ("status", "list_total", "total", "cost_total", "discount_percent", "margin_percent",
                       "content_version", "approved_version", "submitted_at", "decided_at", "decided_terms")  # fmt: skip
    inlines = (QuoteLineInline,)
    ordering = ("-id",)


class ProductAdmin(PolicyModelAdmin):
    list_display = ("code", "name", "family", "group", "list_price", "currency", "is_active")
    list_filter = ("group", "is_active")
    search_fields = ("code", "name", "family")


class PriceBookAdmin(PolicyModelAdmin):
    list_display = ("name", "currency", "valid_from", "valid_until", "is_default")
    search_fields = ("name",)
    inlines = (EntryInline,)


class CompetitorAdmin(PolicyModelAdmin):
    list_display = ("name", "website", "is_active")
    search_fields = ("name",)
    inlines = (RivalInline,)


class ChannelAdmin(PolicyModelAdmin):
    list_display = ("name", "kind", "cost_per_contact", "currency", "conversion", "capacity", "is_active")
    list_filter = ("kind", "is_active")
    search_fields = ("name", "key")


class TargetAdmin(PolicyModelAdmin):
    list_display = ("__str__", "person", "team", "amount", "currency", "starts_on", "ends_on")
    budget = ("person", "team", "branch", "product")


site.register(models.Lead, LeadAdmin)
site.register(models.Opportunity, OpportunityAdmin)
site.register(models.Quote, QuoteAdmin)
site.register(models.Product, ProductAdmin)
site.register(models.PriceBook, PriceBookAdmin)
site.register(models.Competitor, CompetitorAdmin)
site.register(models.SalesChannel, ChannelAdmin)
site.register(models.SalesTarget, TargetAdmin)
