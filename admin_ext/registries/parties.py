"""Record pages of customers and contacts."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from admin_ext.base import PartInline, PolicyModelAdmin, ReadOnlyInline
from admin_ext.site import site
from crm_core.parties import models


class ContactInline(ReadOnlyInline):
    model = models.Contact
    fields = ("name", "name_zh", "title", "email", "telephone")


class TeamInline(PartInline):
    model = models.AccountTeamMember
    fields = ("user", "role", "may_change")


class RelationInline(PartInline):
    model = models.AccountRelation
    fk_name = "account"
    fields = ("kind", "other", "note")
    autocomplete_fields = ("other",)


class PointInline(PartInline):
    model = models.ContactPoint
    fields = ("kind", "value", "label", "preferred")


class RoleInline(PartInline):
    model = models.ContactRole
    fields = ("account", "role", "is_main")
    autocomplete_fields = ("account",)


class ConsentInline(ReadOnlyInline):
    model = models.Consent
    fields = ("channel", "purpose", "state", "at", "source")


class AccountAdmin(PolicyModelAdmin):
    subject_type = "account"
    page_name = "redraw:account"
    list_display = ("name", "name_zh", "grade", "status", "kind", "manager", "branch", "city")
    list_filter = ("grade", "status", "kind", "branch")
    search_fields = ("name", "name_zh", "search_text", "source_key")
    budget = ("manager", "branch")
    ordering = ("name", "pk")
    autocomplete_fields = ("parent",)
    readonly_fields = ("lifetime_value",)
    inlines = (ContactInline, TeamInline, RelationInline)
    fieldsets = (
        (None, {"fields": ("seen_version", ("name", "name_zh"), ("manager", "branch"), ("kind", "status"), ("grade", "risk"))}),
        (_("Company"), {"fields": (("industry", "employees"), ("revenue", "currency"), ("founded", "parent"), "website",
                                "lifetime_value")}),
        (pgettext_lazy("address", "Place"), {"fields": (("country", "region"), ("city", "language"), "address")}),
        (_("Notes"), {"fields": ("notes",)}),
    )  # fmt: skip


class ContactAdmin(PolicyModelAdmin):
    list_display = ("name", "name_zh", "account", "title", "email", "telephone", "active")
    list_filter = ("active", "language")
    search_fields = ("name", "name_zh", "email", "telephone", "search_text")
    budget = ("account",)
    autocomplete_fields = ("account",)
    ordering = ("name", "pk")
    inlines = (PointInline, RoleInline, ConsentInline)


class ConsentAdmin(PolicyModelAdmin):
    list_display = ("contact", "channel", "purpose", "state", "at", "source")
    list_filter = ("channel", "purpose", "state")
    search_fields = ("contact__name", "contact__name_zh")
    budget = ("contact",)
    autocomplete_fields = ("contact",)
    ordering = ("-at",)


class SuppressionAdmin(PolicyModelAdmin):
    list_display = ("address", "channel", "purpose", "reason", "at")
    list_filter = ("channel", "reason")
    search_fields = ("address",)
    autocomplete_fields = ("contact",)
    ordering = ("-at",)


site.register(models.Account, AccountAdmin)
site.register(models.Contact, ContactAdmin)
site.register(models.Consent, ConsentAdmin)
site.register(models.Suppression, SuppressionAdmin)
