"""`PolicyModelAdmin`: record pages of the theme, with every question of access asked of the record's policy.

The list, its search, its counts and its export all start from `policy.rows`; a single record is
fetched through `policy.get`, so another's record by its id is a logged refusal with a reason and
not an empty page. Writing goes through the domain's services where a registry names them, else
through `records.create` and `records.change`, so who and when are stamped and nobody overwrites
what somebody else saved meanwhile. No rule lives here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.request import QueryDict
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from unfold.admin import ModelAdmin, TabularInline

from admin_ext import exports, history
from admin_ext.pages import answer_error
from admin_ext.processes_of import processes_of
from crm_core.kernel import records
from crm_core.kernel.access.policies import Policy, policy_for
from processes.errors import ProcessError

COUNT_LIMIT = 5000
Service = Callable[..., Any]


class CappedPaginator(Paginator):
    """Counts up to a limit only: on a large table the exact number costs more than it says."""

    @cached_property
    def count(self) -> int:
        """The number of rows, or one more than the limit when there are more."""
        rows = self.object_list
        return rows.order_by()[: COUNT_LIMIT + 1].count() if isinstance(rows, QuerySet) else len(rows)


class RecordForm(forms.ModelForm):
    """A form that remembers which version of the record it showed."""

    seen_version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk and hasattr(self.instance, "version"):
            self.initial["seen_version"] = self.instance.version


class PolicyModelAdmin(ModelAdmin):
    """A record's list, form, history and export, as far as the person's policy reaches.

    `on_create(by=, **values)` and `on_change(record, by=, seen=, **values)` are the domain's services,
    `read_only` closes the form to everybody, `budget` names the foreign keys the list shows.
    """

    form = RecordForm
    paginator = CappedPaginator
    show_full_result_count = False
    list_per_page = 50
    list_filter_submit = True
    list_fullwidth = True
    warn_unsaved_form = True
    actions = None
    change_form_outer_before_template = "redraw/record/strip.html"
    change_list_template = "redraw/record/list.html"
    object_history_template = "redraw/record/history.html"

    budget: ClassVar[Sequence[str]] = ()
    subject_type: ClassVar[str] = ""
    read_only: ClassVar[bool] = False
    on_create: ClassVar[Service | None] = None
    on_change: ClassVar[Service | None] = None
    hidden_fields: ClassVar[Sequence[str]] = ("custom",)
    page_name: ClassVar[str] = ""

    # --- access: all of it asked of the policy --------------------------------------------

    @property
    def policy(self) -> Policy:
        """The policy of this record."""
        return policy_for(self.model)

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        rows = self.policy.rows(request.user, "view")
        ordering = self.get_ordering(request)
        rows = rows.order_by(*ordering) if ordering else rows
        return rows.select_related(*self.budget) if self.budget else rows

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Model:
        """The record, or a logged refusal that does not tell whether the record exists."""
        key = unquote(object_id)
        try:
            key = self.model._meta.pk.to_python(key)
        except Exception:
            raise PermissionDenied(_("There is no such record.")) from None
        return self.policy.get(request.user, key, "view")

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.policy.may_any(request.user, "view")

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self._asked(request, "view", obj)

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return not self.read_only and bool(self.policy.may_add(request.user))

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return not self.read_only and self._asked(request, "change", obj)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return not self.read_only and self._asked(request, "delete", obj)

    def has_export_permission(self, request: HttpRequest) -> bool:
        """Whether the person may take rows of this kind out of the house."""
        return self.policy.may_any(request.user, "export")

    def _asked(self, request: HttpRequest, action: str, obj: Model | None) -> bool:
        # One page asks the same several times: the answer holds for the request.
        kept = request.__dict__.setdefault("_policy_answers", {})
        key = (self.model, action, getattr(obj, "pk", None))
        if key not in kept:
            if obj is None:
                kept[key] = self.policy.may_any(request.user, action)
            else:
                kept[key] = bool(self.policy.may(request.user, action, obj))
        return kept[key]

    # --- forms ------------------------------------------------------------------------------

    def get_exclude(self, request: HttpRequest, obj: Model | None = None) -> Sequence[str]:
        names = {field.name for field in self.model._meta.get_fields()}
        return [*(super().get_exclude(request, obj) or ()), *(n for n in self.hidden_fields if n in names)]

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Choices of another record are the rows that the person may see."""
        if "queryset" not in kwargs:
            try:
                kwargs["queryset"] = policy_for(db_field.remote_field.model).rows(request.user, "view")
            except LookupError:
                kwargs["queryset"] = db_field.remote_field.model._default_manager.all()
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        values = {name: form.cleaned_data[name] for name in form.cleaned_data if name != "seen_version"}
        if not isinstance(obj, records.Stamped):
            obj.save()
            return
        if not change:
            made = (type(self).on_create or _create(self.model))(by=request.user, **values)
            obj.__dict__.update(made.__dict__)
            return
        kept = self.model._base_manager.get(pk=obj.pk)
        changed = {name: values[name] for name in form.changed_data if name in values}
        seen = form.cleaned_data.get("seen_version") or kept.version
        (type(self).on_change or records.change)(kept, by=request.user, seen=seen, **changed)
        obj.version = kept.version

    def changeform_view(self, request: HttpRequest, object_id: str | None = None, form_url: str = "",
                        extra_context: dict[str, Any] | None = None) -> HttpResponse:  # fmt: skip
        context = dict(extra_context or {})
        if object_id is not None and request.method == "GET":
            context["processes"] = processes_of(request.user, self.subject_type, unquote(object_id))
        if object_id is not None and self.page_name:
            context["own_page"] = (self.page_name, unquote(object_id))
        try:
            return super().changeform_view(request, object_id, form_url, context)
        except PermissionDenied:
            raise
        except ProcessError as error:
            # A service refused: the record is as it was, and the form says what to do.
            if request.method != "POST":
                return answer_error(request, error)
            messages.error(request, error.sentence)
            return redirect(request.get_full_path())

    def history_view(self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Who changed what, when and where from: read from the audit trail, not from the admin's own log."""
        record = self.get_object(request, object_id)
        context = {
            **self.admin_site.each_context(request),
            "title": _("History"), "opts": self.opts, "object": record, "original": record,
            "entries": history.entries_of(record, user=request.user), **(extra_context or {}),
        }  # fmt: skip
        return TemplateResponse(request, self.object_history_template, context)

    def log_addition(self, request: HttpRequest, obj: Model, message: Any) -> None:
        """The audit trail knows already."""

    def log_change(self, request: HttpRequest, obj: Model, message: Any) -> None:
        """The audit trail knows already."""

    def log_deletions(self, request: HttpRequest, queryset: Any) -> None:
        """The audit trail knows already."""

    # --- export -----------------------------------------------------------------------------

    def get_urls(self) -> list[Any]:
        name = f"{self.opts.app_label}_{self.opts.model_name}_export"
        return [path("export/", self.admin_site.admin_view(self.export_view), name=name), *super().get_urls()]

    def export_view(self, request: HttpRequest) -> HttpResponse:
        """The rows of the list as it is filtered, as far as export is allowed, as a spreadsheet."""
        if not self.has_export_permission(request):
            self.policy.require(request.user, "export", None)
        # The list's own filters and search apply; the format is not one of them.
        kind = request.GET.get("format", "csv")
        query: QueryDict = request.GET.copy()
        query.pop("format", None)
        request.GET = query  # type: ignore[assignment]
        listed = self.get_changelist_instance(request).get_queryset(request)
        allowed = self.policy.rows(request.user, "export").values("pk")
        return exports.response(listed.filter(pk__in=allowed), kind=kind)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        context = {"may_export": self.has_export_permission(request), "count_limit": COUNT_LIMIT,
                   **(extra_context or {})}  # fmt: skip
        return super().changelist_view(request, context)


def _create(model: type[Model]) -> Service:
    def make(*, by: Any, **values: Any) -> Model:
        return records.create(model, by=by, **values)

    return make


class PartInline(TabularInline):
    """Rows that belong to a record: who may see the record sees them, who may change it changes them."""

    extra = 0
    tab = True
    show_change_link = False
    read_only: ClassVar[bool] = False

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return True

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self.has_change_permission(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        if self.read_only:
            return False
        parent = policy_for(self.parent_model)
        return bool(parent.may_add(request.user) if obj is None or obj.pk is None
                    else parent.may(request.user, "change", obj))  # fmt: skip

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self.has_change_permission(request, obj)


class ReadOnlyInline(PartInline):
    """Rows that are history: shown, never changed here."""

    read_only = True
    can_delete = False
