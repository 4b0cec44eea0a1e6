"""Record pages of sales."""

from __future__ import annotations

from typing import Any

from django.db.models import Model
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from admin_ext.base import PartInline, PolicyModelAdmin, ReadOnlyInline
from admin_ext.site import site
from crm_core.sales import models, services


class LineInline(PartInline):
    model = models.OpportunityLine
    given_as = "lines"
    fields = ("product", "quantity", "unit_price")
    autocomplete_fields = ("product",)


class MetInline(PartInline):
    model = models.CompetitorMet
    given_as = "rivals"
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
    given_as = "lines"
    fields = ("product", "description", "quantity", "discount_percent", "list_price", "unit_cost")
    readonly_fields = ("list_price", "unit_cost")
    autocomplete_fields = ("product",)

    def get_extra(self, request: HttpRequest, obj: Model | None = None, **kwargs: Any) -> int:
        """A new quote begins with a line."""
        return 1 if obj is None else 0


class RivalInline(PartInline):
    model = models.CompetitorProduct
    fields = ("name", "against", "price", "currency", "remarks")
    autocomplete_fields = ("against",)


class EntryInline(PartInline):
    model = models.PriceBookEntry
    fields = ("product", "from_quantity", "unit_price")
    autocomplete_fields = ("product",)


_WHO = (("company", "contact_name"), ("job_title", "website"), ("email", "phone"), "wechat")
_WANTS = (("request", "product_interest"), "product", ("industry", "employees"), "message")
_WHERE = (("country", "region"), ("city", "language"))
_CAME = (("source", "channel"), ("sales_channel", "campaign_key"), "consent")


class LeadAdmin(PolicyModelAdmin):
    belongs_here = _("People who asked us something and are nobody's business yet. They come from the web form and from imports; write down who rang.")
    on_create = services.enter_lead
    on_change = services.change_lead
    subject_type = "lead"
    list_display = ("number", "company", "contact_name", "grade", "score", "status", "owner", "received_at")
    list_filter = ("status", "grade", "source", "channel", "branch")
    search_fields = ("number", "company", "contact_name", "email", "phone")
    budget = ("owner",)
    autocomplete_fields = ("account", "contact", "product", "joined_to", "opportunity")
    readonly_fields = ("score", "grade", "status", "assigned_at", "first_contact_at", "misses", "converted_at",
                       "disqualify_reason", "joined_to", "opportunity", "received_at", "consent_at", "nurture_until",
                       "nurture_segment")  # fmt: skip
    hidden_fields = ("custom", "payload", "idempotency_key")
    ordering = ("-id",)
    add_fieldsets = (
        (None, {"fields": _WHO}),
        (_("What they want"), {"fields": _WANTS}),
        (_("Where they are"), {"fields": _WHERE}),
        (_("How they came to us"), {"fields": _CAME}),
        (_("Whose lead it is"), {
            "fields": (("owner", "branch"),),
            "description": _("With an owner the lead is that person's at once. Without one, lead assignment hands it out."),
        }),
    )  # fmt: skip
    fieldsets = (
        (None, {"fields": (*_WHO, ("owner", "branch"), ("status", "grade"), "score")}),
        (_("What they want"), {"fields": (*_WANTS, ("need", "budget"), ("authority", "timeline"))}),
        (_("Where they are"), {"fields": _WHERE}),
        (_("Whom we know them as"), {"fields": ("account", "contact", ("is_competitor", "is_spam"))}),
        (_("How they came to us"), {"fields": (*_CAME, "consent_at", "received_at")}),
        (_("What has happened"), {"fields": (("assigned_at", "first_contact_at"), "misses", ("nurture_until", "nurture_segment"),
                                             "disqualify_reason", "joined_to", ("opportunity", "converted_at"))}),
    )  # fmt: skip


_BUSINESS = ("name", "account", "contact", ("owner", "branch"), ("amount", "currency"), ("expected_close", "forecast_category"))
_NEXT = (("next_step", "next_step_date"),)
_KNOWN = ("pain", ("champion", "economic_buyer_met"), "decision_criteria", "decision_process", ("technical_fit", "budget_confirmed"),
          "mutual_plan_date")  # fmt: skip
_SOURCE = (("source", "campaign_key"), "sales_channel")


class OpportunityAdmin(PolicyModelAdmin):
    belongs_here = _("Business that may be won. It begins with a qualified lead, or add it for a customer you know.")
    on_create = services.open_opportunity
    on_change = services.change_opportunity
    subject_type = "opportunity"
    list_display = ("number", "name", "account", "stage", "amount", "currency", "expected_close", "owner")
    list_filter = ("stage", "forecast_category", "branch")
    search_fields = ("number", "name", "account__name", "account__name_zh")
    budget = ("account", "owner")
    autocomplete_fields = ("account", "contact", "competitor")
    readonly_fields = ("stage", "stage_since", "probability", "opened_on", "closed_on", "push_count", "loss_reason", "lost_to",
                       "reopened_count", "external_id", "account_hint")  # fmt: skip
    inlines = (LineInline, BuyingInline, MetInline, StageInline)
    ordering = ("-id",)
    add_fieldsets = (
        (None, {"fields": _BUSINESS}),
        (_("Next step"), {"fields": _NEXT}),
        (_("What we know of the decision"), {"fields": _KNOWN}),
        (_("Competition"), {"fields": ("competitor",)}),
        (_("Where it came from"), {"fields": _SOURCE}),
    )  # fmt: skip
    fieldsets = (
        (None, {"fields": (("stage", "stage_since"), *_BUSINESS, ("probability", "push_count"))}),
        (_("Next step"), {"fields": _NEXT}),
        (_("What we know of the decision"), {"fields": _KNOWN}),
        (_("Competition"), {"fields": ("competitor",)}),
        (_("How it ended"), {"fields": (("closed_on", "order_reference"), ("loss_reason", "lost_to"),
                                        ("reengage_on", "reopened_count"))}),
        (_("Where it came from"), {"fields": (*_SOURCE, "opened_on", ("external_id", "account_hint"))}),
    )  # fmt: skip


_TERMS = (("delivery_days", "credit_days"), "valid_until", "reason")


class QuoteAdmin(PolicyModelAdmin):
    belongs_here = _("What we offered, at which price and terms. A quote belongs to an open opportunity.")
    on_create = services.enter_quote
    on_change = services.change_quote
    subject_type = "quote"
    list_display = ("number", "opportunity", "status", "total", "currency", "discount_percent", "valid_until", "owner")
    list_filter = ("status",)
    search_fields = ("number", "opportunity__number", "opportunity__name")
    budget = ("opportunity", "owner")
    autocomplete_fields = ("opportunity",)
    readonly_fields = ("status", "currency", "list_total", "total", "cost_total", "discount_percent", "margin_percent",
                       "standard_delivery_days", "content_version", "approved_version", "submitted_at", "decided_at",
                       "owner", "branch")  # fmt: skip
    inlines = (QuoteLineInline,)
    ordering = ("-id",)
    add_fieldsets = ((None, {"fields": ("opportunity", *_TERMS)}),)
    fieldsets = (
        (None, {"fields": ("opportunity", ("status", "content_version"), ("owner", "branch"))}),
        (_("Terms"), {"fields": _TERMS}),
        (_("Worked out from the lines"), {"fields": (("list_total", "total"), ("discount_percent", "margin_percent"),
                                                     ("cost_total", "currency"), "standard_delivery_days")}),
        (_("Decision about the terms"), {"fields": (("submitted_at", "decided_at"), "approved_version")}),
    )  # fmt: skip

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        """A quote stays with its opportunity."""
        fields = super().get_readonly_fields(request, obj)
        return fields if obj is None else (*fields, "opportunity")

    def get_form(self, request: HttpRequest, obj: Model | None = None, change: bool = False, **kwargs: Any) -> Any:
        """Without days given, a new quote takes those that are usual for its products."""
        form = super().get_form(request, obj, change, **kwargs)
        days = form.base_fields.get("delivery_days")
        if obj is None and days is not None:
            days.required, days.initial = False, None
            days.help_text = _("Left empty: the usual days of the products.")
        return form


class ProductAdmin(PolicyModelAdmin):
    belongs_here = _("What we sell, with list price, cost and usual delivery. Load the list as an import, or add one.")
    list_display = ("code", "name", "family", "group", "list_price", "currency", "is_active")
    list_filter = ("group", "is_active")
    search_fields = ("code", "name", "family")


class PriceBookAdmin(PolicyModelAdmin):
    belongs_here = _("Prices that hold for some customers or for some time.")
    list_display = ("name", "currency", "valid_from", "valid_until", "is_default")
    search_fields = ("name",)
    inlines = (EntryInline,)


class CompetitorAdmin(PolicyModelAdmin):
    belongs_here = _("Who else our customers talk to, with what to answer when the name falls.")
    list_display = ("name", "website", "is_active")
    search_fields = ("name",)
    inlines = (RivalInline,)


class ChannelAdmin(PolicyModelAdmin):
    belongs_here = _("Ways to reach customers, with what a contact costs and brings.")
    list_display = ("name", "kind", "cost_per_contact", "currency", "conversion", "capacity", "is_active")
    list_filter = ("kind", "is_active")
    search_fields = ("name", "key")


class TargetAdmin(PolicyModelAdmin):
    belongs_here = _("What people, teams and branches are to sell in a period.")
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
