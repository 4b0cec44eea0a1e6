"""Record pages of customers and contacts."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from admin_ext.base import PartInline, PolicyModelAdmin, ReadOnlyInline
from admin_ext.record_forms import RecordForm
from admin_ext.site import site
from crm_core.parties import models, services
from crm_core.parties.selectors import duplicates_of


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
    given_as = "points"
    fields = ("kind", "value", "label", "preferred")


class RoleInline(PartInline):
    model = models.ContactRole
    given_as = "roles"
    fields = ("account", "role", "is_main")
    autocomplete_fields = ("account",)


class ConsentInline(ReadOnlyInline):
    model = models.Consent
    fields = ("channel", "purpose", "state", "at", "source")


class AccountForm(RecordForm):
    """Before a second account of one name is opened, the first is named with its manager; saving again opens it."""

    seen_doubles = forms.CharField(label="", required=False, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any] | None:
        """Say once which accounts have the name already, whoever's they are (B17)."""
        cleaned = super().clean()
        if self.instance.pk is None and self.cleaned_data.get("name"):
            doubles = duplicates_of(name=self.cleaned_data["name"], name_zh=self.cleaned_data.get("name_zh") or "")
            ids = ",".join(str(account.pk) for account in doubles)
            if doubles and self.cleaned_data.get("seen_doubles") != ids:
                self.data = self.data.copy()  # type: ignore[attr-defined]
                self.data[self.add_prefix("seen_doubles")] = ids  # type: ignore[index]
                named = "; ".join(gettext("%(account)s, account manager %(manager)s") % {"account": a, "manager": a.manager} for a in doubles)
                sentence = gettext("There is an account of this name already: %(accounts)s. Ask its account manager, or save again to open another one.")
                self.add_error("name", sentence % {"accounts": named})
        return cleaned


class AccountAdmin(PolicyModelAdmin):
    form = AccountForm
    belongs_here = _("Companies and people we do or want to do business with, each with one account manager.")
    on_create = services.enter_account
    on_change = services.change_account
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
        (None, {"fields": ("seen_doubles", ("name", "name_zh"), ("manager", "branch"), ("kind", "status"), ("grade", "risk"))}),
        (_("Company"), {"fields": (("industry", "employees"), ("revenue", "currency"), "founded", "parent", "website",
                                "lifetime_value")}),
        (pgettext_lazy("address", "Place"), {"fields": (("country", "region"), ("city", "language"), "address")}),
        (_("Notes"), {"fields": ("notes", "source_key")}),
    )  # fmt: skip


class ContactAdmin(PolicyModelAdmin):
    belongs_here = _("People at accounts, with the ways to reach them.")
    on_create = services.enter_contact
    on_change = services.change_contact
    list_display = ("name", "name_zh", "account", "title", "email", "telephone", "active")
    list_filter = ("active", "language")
    search_fields = ("name", "name_zh", "email", "telephone", "search_text")
    budget = ("account",)
    autocomplete_fields = ("account",)
    ordering = ("name", "pk")
    inlines = (PointInline, RoleInline, ConsentInline)
    fieldsets = (
        (None, {"fields": (("name", "name_zh"), ("salutation", "language"), "account", ("title", "department"),
                           ("email", "telephone"), ("owner", "branch"), "active")}),
        (_("Notes"), {"fields": ("notes", "source_key")}),
    )  # fmt: skip


class ConsentAdmin(PolicyModelAdmin):
    """What was said stays: a change of mind is a new word."""

    belongs_here = _("What people said about being written to or called. The newest word counts.")
    add_only = True
    on_create = services.record_consent
    list_display = ("contact", "channel", "purpose", "state", "at", "source")
    list_filter = ("channel", "purpose", "state")
    search_fields = ("contact__name", "contact__name_zh")
    budget = ("contact",)
    autocomplete_fields = ("contact",)
    ordering = ("-at",)
    fields = ("contact", ("channel", "purpose"), ("state", "at"), "source", "wording")


class SuppressionAdmin(PolicyModelAdmin):
    """Addresses are put on the list or taken off it, never turned into others."""

    belongs_here = _("Addresses and numbers that nothing is sent to, whatever a campaign says.")
    add_only = True
    on_create = services.suppress
    list_display = ("address", "channel", "purpose", "reason", "at")
    list_filter = ("channel", "reason")
    search_fields = ("address",)
    autocomplete_fields = ("contact",)
    ordering = ("-at",)
    fields = (("channel", "address"), ("purpose", "reason"), "contact", "note", "at", "by")
    add_fieldsets = ((None, {"fields": (("channel", "address"), ("purpose", "reason"), "contact", "note")}),)


site.register(models.Account, AccountAdmin)
site.register(models.Contact, ContactAdmin)
site.register(models.Consent, ConsentAdmin)
site.register(models.Suppression, SuppressionAdmin)
