"""Record pages of organisation and access."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.contrib.admin import AllValuesFieldListFilter, RelatedFieldListFilter, display
from django.contrib.admin.views.main import ChangeList
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from admin_ext.base import PolicyModelAdmin
from admin_ext.site import site
from crm_core.kernel import absence_services, models, services
from crm_core.kernel.access.policies import Policy, action_name, policy_of_key, rows_for
from crm_core.kernel.models.access import Level
from processes import ports


class ReadOnly(PolicyModelAdmin):
    """Shown to those who may see it, changed by nobody here."""

    read_only = True


def role_names() -> dict[str, str]:
    """The names of roles in the reader's language, by the key that their groups have."""
    return {role.key: ports.text(role.labels) for role in models.Role.objects.all()}


def roles_in_words(keys: str) -> str:
    """Keys of roles with commas between them, as names."""
    names = role_names()
    return ", ".join(names.get(key, key) for key in str(keys).split(", "))


class RoleFilter(RelatedFieldListFilter):
    """People by the name of their role."""

    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> Any:
        """The roles that the reader may know of."""
        return [(role.group_id, ports.text(role.labels)) for role in rows_for(request.user, models.Role)]


class UserAdmin(PolicyModelAdmin):
    list_display = ("username", "display_name", "display_name_zh", "is_active", "language")
    list_filter = ("is_active", "language", ("groups", RoleFilter))
    readonly_preprocess_fields = {**PolicyModelAdmin.readonly_preprocess_fields, "groups": roles_in_words}
    search_fields = ("username", "display_name", "display_name_zh", "email")
    ordering = ("username",)
    fields = ("username", "display_name", "display_name_zh", "email", "language", "zone", "is_active", "groups")
    readonly_fields = ("username",)
    filter_horizontal = ("groups",)

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Roles are chosen by their names."""
        field, names = super().formfield_for_manytomany(db_field, request, **kwargs), role_names()
        if db_field.name == "groups" and field is not None:
            field.label_from_instance = lambda group: names.get(group.name, group.name)
        return field

    def has_add_permission(self, request, obj=None):  # type: ignore[no-untyped-def]
        """People come with the staff list; a password is theirs to set."""
        return False


class EmployeeAdmin(PolicyModelAdmin):
    list_display = ("user", "title", "branch", "team", "manager", "capacity")
    list_filter = ("branch", "team")
    search_fields = ("user__display_name", "user__display_name_zh", "user__username", "title")
    fields = ("user", "title", ("branch", "team"), "manager", "telephone", "skills", "languages", "capacity", "calendar")
    budget = ("user", "branch", "team", "manager")
    ordering = ("user__username",)


class AbsenceAdmin(PolicyModelAdmin):
    on_create = absence_services.enter_absence
    on_change = absence_services.change_absence
    list_display = ("employee", "starts_at", "ends_at", "substitute")
    search_fields = ("employee__user__display_name", "employee__user__display_name_zh", "employee__user__username")
    fields = ("employee", ("starts_at", "ends_at"), "substitute", "note")
    budget = ("employee__user", "substitute")
    belongs_here = _("Who is away, from when until when, and who stands in. People enter it themselves; here it is put right.")


class BranchAdmin(PolicyModelAdmin):
    list_display = ("name", "name_zh", "parent", "city", "country")
    search_fields = ("name", "name_zh", "city")
    budget = ("parent",)


class TeamAdmin(PolicyModelAdmin):
    list_display = ("name", "name_zh", "branch", "lead")
    list_filter = ("branch",)
    search_fields = ("name", "name_zh")
    budget = ("branch", "lead")


class RoleAdmin(ReadOnly):
    list_display = ("__str__", "key")
    search_fields = ("key",)
    fields = ("key", "shown_label", "shown_description", "rights")
    readonly_fields = ("shown_label", "shown_description", "rights")

    @display(description=_("Name"))
    def shown_label(self, role: models.Role) -> str:
        """The name in the reader's language."""
        return ports.text(role.labels)

    @display(description=_("Description"))
    def shown_description(self, role: models.Role) -> str:
        """What the role is for."""
        return ports.text(role.descriptions)

    @display(description=_("Rights"))
    def rights(self, role: models.Role) -> str:
        """How far each right of the role reaches: a line per kind of record."""
        actions = Policy.actions
        levels: dict[str, dict[str, str]] = {}
        for cell in role.permissions.exclude(level=Level.NONE):
            levels.setdefault(cell.record, {})[cell.action] = cell.get_level_display()
        named = sorted(((_record(key), cells) for key, cells in levels.items()), key=lambda pair: pair[0])
        rows = [{"label": label, "levels": [cells.get(action, "") for action in actions]} for label, cells in named]
        context = {"actions": [action_name(action) for action in actions], "rows": rows}
        return render_to_string("redraw/record/rights.html", context)


def _record(key: str) -> str:
    policy = policy_of_key(key)
    return str(policy.model._meta.verbose_name_plural).capitalize() if policy is not None else key.replace("_", " ")


class CalendarAdmin(PolicyModelAdmin):
    on_create = services.enter_calendar
    on_change = services.change_calendar
    list_display = ("name", "key", "is_default")
    search_fields = ("name", "key")


class Named(AllValuesFieldListFilter):
    """A filter over stored keys that shows their names."""

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        """The choices, each stored key in the reader's words."""
        everything, *keys = super().choices(changelist)
        yield everything
        for choice in keys:
            yield {**choice, "display": named(str(choice["display"]))}


def named(key: str) -> str:
    """The name of a stored key: of a model, a kind of record or an action; the key itself where there is none."""
    if "." in key:
        try:
            return str(apps.get_model(key)._meta.verbose_name)
        except LookupError:
            return key
    policy = policy_of_key(key)
    return str(policy.model._meta.verbose_name) if policy is not None else action_name(key)


_OCCASIONS = {
    "task.claim": _("took a task"), "task.complete": _("completed a task"), "import": _("import"),
    "import.undo": _("took an import back"), "process.publish": _("published a process"),
    "decision.publish": _("published a decision"), "process.withdraw": _("withdrew a process"),
    "process.migrate": _("moved running processes"), "instance.migrate": _("moved a running process"),
}  # fmt: skip


def occasion(action: str) -> str:
    """On which occasion something was written: the words for what the trail keeps as a key or an address."""
    if action.partition(" ")[0] in ("POST", "GET", "PUT", "DELETE"):
        return str(_("on a page"))
    return str(_OCCASIONS.get(action, action))


def _name_in(entry: Any, prefix: str) -> str:
    """The name of a person that came along with an entry; empty when there is none."""
    parts = {name: getattr(entry, f"{prefix}_{name}") or "" for name in ("username", "display_name", "display_name_zh")}
    return models.User(**parts).shown_name() if parts["username"] else ""


class AuditAdmin(ReadOnly):
    list_display = ("at", "kind", "object_id", "operation", "who", "what")
    list_filter = ("operation", ("model", Named))
    search_fields = ("object_id",)
    ordering = ("-id",)

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """With each entry the names of who acted: the trail itself keeps only a number, so that it outlives everybody."""
        person = models.User.objects.filter(pk=OuterRef("actor_id"))
        absent = models.User.objects.filter(pk=OuterRef("acting_for_id"))
        told = ("display_name", "display_name_zh", "username")
        names = {f"actor_{name}": Subquery(person.values(name)[:1]) for name in told}
        names |= {f"absent_{name}": Subquery(absent.values(name)[:1]) for name in told}
        return super().get_queryset(request).annotate(**names)

    @display(description=_("record"), ordering="model")
    def kind(self, entry: models.AuditEntry) -> str:
        """What kind of record was changed."""
        return named(entry.model)

    @display(description=_("person"), ordering="actor_id")
    def who(self, entry: Any) -> str:
        """Who did it; nobody for the system."""
        name, absent = _name_in(entry, "actor"), _name_in(entry, "absent")
        return gettext("%(person)s for %(absent)s") % {"person": name, "absent": absent} if absent else name

    @display(description=_("occasion"), ordering="action")
    def what(self, entry: models.AuditEntry) -> str:
        """On which occasion."""
        return occasion(entry.action)


class RefusalAdmin(ReadOnly):
    list_display = ("at", "user", "kind", "object_id", "wanted", "code")
    list_filter = (("record", Named), ("action", Named))
    budget = ("user",)
    ordering = ("-at",)

    @display(description=_("record"), ordering="record")
    def kind(self, refusal: models.AccessRefusal) -> str:
        """What kind of record was asked for."""
        return named(refusal.record)

    @display(description=_("action"), ordering="action")
    def wanted(self, refusal: models.AccessRefusal) -> str:
        """What the person wanted to do."""
        return named(refusal.action)


site.register(models.User, UserAdmin)
site.register(models.Employee, EmployeeAdmin)
site.register(models.Absence, AbsenceAdmin)
site.register(models.Branch, BranchAdmin)
site.register(models.Team, TeamAdmin)
site.register(models.Role, RoleAdmin)
site.register(models.WorkingCalendar, CalendarAdmin)
site.register(models.AuditEntry, AuditAdmin)
site.register(models.AccessRefusal, RefusalAdmin)
