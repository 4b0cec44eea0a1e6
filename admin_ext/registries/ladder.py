"""Record pages of what the house says of clocks: reasons to stop one, and the ladder of limits without one of their own."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from admin_ext.base import PolicyModelAdmin
from admin_ext.record_forms import RecordForm
from admin_ext.site import site
from crm_core.kernel.models import Role
from processes import api
from processes.runtime.models import HouseRung, PauseReason


class RungForm(RecordForm):
    """A rung: whom it tells is known, and it does something."""

    def clean(self) -> dict[str, Any]:
        """Say what of the rung makes no sense."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        roles = Role.objects.values_list("key", flat=True)
        wrong = api.wrong_in_rung(cleaned.get("notify", ""), cleaned.get("priority", ""), roles=set(roles))
        for name, sentence in wrong.items():
            self.add_error(name, ValidationError(sentence))
        if not (cleaned.get("notify") or cleaned.get("priority") or wrong):
            raise ValidationError(_("Say whom the rung tells, or how it changes the priority."))
        return cleaned


WHOM = {"assignee": gettext_lazy("whoever has the step"), "lead": gettext_lazy("their lead"), "owner": gettext_lazy("the owner of the process")}


class RungAdmin(PolicyModelAdmin):
    form = RungForm
    list_display = ("__str__", "told", "priority")
    fields = ("share", "notify", "priority")
    ordering = ("share",)

    @admin.display(description=gettext_lazy("Tells"))
    def told(self, rung: HouseRung) -> str:
        """Whom the rung tells, in words; roles by their key."""
        return ", ".join(str(WHOM.get(word, word)) for word in rung.notify.replace(",", " ").split())


class ReasonAdmin(PolicyModelAdmin):
    list_display = ("__str__", "active")
    fields = ("key", ("name", "name_zh"), "message", ("position", "active"))
    search_fields = ("name", "name_zh", "key")
    ordering = ("position", "key")


site.register(HouseRung, RungAdmin)
site.register(PauseReason, ReasonAdmin)
