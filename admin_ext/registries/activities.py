"""Record pages of activities, templates and the mail outbox."""

from __future__ import annotations

from admin_ext.base import PolicyModelAdmin
from admin_ext.site import site
from crm_core.activities import models


class ActivityAdmin(PolicyModelAdmin):
    list_display = ("subject_line", "kind", "state", "account", "contact", "owner", "at")
    list_filter = ("kind", "state", "direction")
    search_fields = ("subject_line", "body", "account__name", "account__name_zh")
    budget = ("account", "contact", "owner")
    autocomplete_fields = ("account", "contact")
    ordering = ("-at",)
    hidden_fields = ("custom", "instance_id", "task_id", "key", "regarding_type", "regarding_id")


class TemplateAdmin(PolicyModelAdmin):
    list_display = ("key", "kind", "active", "owner")
    list_filter = ("kind", "active")
    search_fields = ("key",)
    budget = ("owner",)


class MailAdmin(PolicyModelAdmin):
    read_only = True
    list_display = ("subject_line", "to", "purpose", "state", "queued_at", "sent_at")
    list_filter = ("state", "purpose")
    search_fields = ("to", "subject_line")
    ordering = ("-queued_at",)
    hidden_fields = ("custom", "key", "to_key", "instance_id")


site.register(models.Activity, ActivityAdmin)
site.register(models.Template, TemplateAdmin)
site.register(models.MailOutbox, MailAdmin)
