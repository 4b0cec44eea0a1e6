"""Record pages of activities, templates and the mail outbox."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from admin_ext.base import PolicyModelAdmin
from admin_ext.site import site
from crm_core.activities import models, services

_DONE = (("kind", "direction"), "subject_line", "account", "contact", "body", ("state", "at"), ("outcome", "minutes"),
         "promise_until", ("owner", "branch"), "private")  # fmt: skip


class ActivityAdmin(PolicyModelAdmin):
    belongs_here = _("Calls, visits, mails and notes, done and planned. Log them on the customer's page, or here.")
    on_create = services.enter_activity
    on_change = services.change_activity
    list_display = ("subject_line", "kind", "state", "account", "contact", "owner", "at")
    list_filter = ("kind", "state", "direction")
    search_fields = ("subject_line", "body", "account__name", "account__name_zh")
    budget = ("account", "contact", "owner")
    autocomplete_fields = ("account", "contact")
    ordering = ("-at",)
    readonly_fields = ("due_at", "done_at", "promise_kept_at")
    add_fieldsets = ((None, {"fields": _DONE}),)
    fieldsets = ((None, {"fields": (*_DONE, ("due_at", "done_at"), "promise_kept_at")}),)


class TemplateAdmin(PolicyModelAdmin):
    belongs_here = _("Texts that mails begin with, in both languages.")
    fields = ("names", ("kind", "active"), "subjects", "bodies", "key", ("owner", "branch"))
    list_display = ("key", "kind", "active", "owner")
    list_filter = ("kind", "active")
    search_fields = ("key",)
    budget = ("owner",)


class MailAdmin(PolicyModelAdmin):
    belongs_here = _("Mail on its way and sent; processes and people put it here.")
    read_only = True
    list_display = ("subject_line", "to", "purpose", "state", "queued_at", "sent_at")
    list_filter = ("state", "purpose")
    search_fields = ("to", "subject_line")
    ordering = ("-queued_at",)
    hidden_fields = ("custom", "key", "to_key", "instance_id")


site.register(models.Activity, ActivityAdmin)
site.register(models.Template, TemplateAdmin)
site.register(models.MailOutbox, MailAdmin)
