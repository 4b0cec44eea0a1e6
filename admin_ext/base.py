"""`PolicyModelAdmin`: record pages of the theme, with every question of access asked of the record's policy.

The list, its search, its counts and its export all start from `policy.rows`; a single record is
fetched through `policy.get`, so another's record by its id is a logged refusal with a reason and
not an empty page. Writing goes through the domain's services where a page names them, rows
included, else through `records.create` and `records.change`, so who and when are stamped; before
that `meanwhile` sees to it that nobody overwrites what somebody else saved. No rule lives here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from django.contrib.admin.utils import flatten_fieldsets, unquote
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db.models import IntegerField, Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.request import QueryDict
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from unfold.admin import ModelAdmin, TabularInline

from admin_ext import exports, history, meanwhile, stored_words
from admin_ext.choosing import Choosing, KeepsChoice, asked, references
from admin_ext.processes_of import processes_of
from admin_ext.record_forms import NotSaved, RecordForm, RefusedForm, rows_of
from crm_core.kernel import records
from crm_core.kernel.access.authority import allow_place
from crm_core.kernel.access.grants import take_all
from crm_core.kernel.access.policies import Policy, policy_for
from crm_core.kernel.access.standing import standing_of
from processes import ports
from processes.errors import ProcessError

COUNT_LIMIT = 5000
AMOUNTS = frozenset({"amount", "total", "budget", "list_price", "cost_per_contact"})
"""Columns that are money where a list has a currency."""

Service = Callable[..., Any]


class CappedPaginator(Paginator):
    """Counts up to a limit only: on a large table the exact number costs more than it says."""

    @cached_property
    def count(self) -> int:
        """The number of rows, or one more than the limit when there are more."""
        rows = self.object_list
        return rows.order_by()[: COUNT_LIMIT + 1].count() if isinstance(rows, QuerySet) else len(rows)


class PolicyModelAdmin(Choosing, ModelAdmin):
    """A record's list, form, history and export, as far as the person's policy reaches.

    `on_create(by=, **values)` and `on_change(record, by=, **values)` are the domain's services; they also take the rows
    of parts that name them (`PartInline.given_as`). `read_only` closes the form to everybody, `add_only` that of a
    record which is there; `add_fieldsets` are those of a new record; `belongs_here` is said where a list is empty; `budget` names references besides those in the list's columns.
    """

    form = RecordForm
    paginator = CappedPaginator
    show_full_result_count = False
    list_per_page = 50
    list_filter_submit = True
    view_on_site = False
    list_fullwidth = True
    warn_unsaved_form = True
    actions = None
    change_form_outer_before_template = "redraw/record/strip.html"
    change_list_template = "redraw/record/list.html"
    object_history_template = "redraw/record/history.html"

    budget: ClassVar[Sequence[str]] = ()
    subject_type: ClassVar[str] = ""
    read_only: ClassVar[bool] = False
    add_only: ClassVar[bool] = False
    on_create: ClassVar[Service | None] = None
    on_change: ClassVar[Service | None] = None
    hidden_fields: ClassVar[Sequence[str]] = ("custom",)
    add_fieldsets: ClassVar[Any] = None
    page_name: ClassVar[str] = ""
    belongs_here: ClassVar[Any] = ""

    # --- access: all of it asked of the policy --------------------------------------------

    @property
    def policy(self) -> Policy:
        """The policy of this record."""
        return policy_for(self.model)

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        rows = self.policy.rows(request.user, "view")
        ordering = self.get_ordering(request)
        rows = rows.order_by(*ordering) if ordering else rows
        # Everything that a row shows comes with the rows, so that a list costs the same for ten and for a thousand.
        shown = [*references(self.model, self.list_display), *self.budget]
        return rows.select_related(*shown) if shown else rows

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Model:
        """The record, or a logged refusal that does not tell whether the record exists."""
        key = unquote(object_id)
        try:
            key = self.model._meta.pk.to_python(key)
        except ValidationError:
            raise PermissionDenied(_("There is no such record.")) from None
        return self.policy.get(request.user, key, "view")

    def get_list_display(self, request: HttpRequest) -> Sequence[Any]:
        """The columns: stored keys in words, amounts with their currency instead of a column of its own."""
        fields = {field.name: field for field in self.model._meta.concrete_fields}
        names = super().get_list_display(request)
        with_currency = {n for n in names if isinstance(n, str) and n in AMOUNTS} if "currency" in names else set()
        return [
            stored_words.money_column(fields[name]) if name in with_currency
            else stored_words.number_column(fields[name]) if name == "number"
            else stored_words.column(fields[name]) if stored_words.applies_to(fields.get(name))
            else name
            for name in names if name != "currency" or not with_currency
        ]  # fmt: skip

    def get_list_filter(self, request: HttpRequest) -> Sequence[Any]:
        columns = {field.name: field for field in self.model._meta.concrete_fields}
        return [
            (name, stored_words.InWords) if isinstance(name, str) and stored_words.applies_to(columns.get(name)) else name
            for name in super().get_list_filter(request)
        ]

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.policy.may_any(request.user, "view")

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return asked(request, self.policy, "view", obj)

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return not self.read_only and bool(self.policy.may_add(request.user))

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        closed = self.read_only or (self.add_only and obj is not None)
        return not closed and asked(request, self.policy, "change", obj)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return not self.read_only and asked(request, self.policy, "delete", obj)

    def has_export_permission(self, request: HttpRequest) -> bool:
        """Whether the person may take rows of this kind out of the house."""
        return self.policy.may_any(request.user, "export")

    # --- forms ------------------------------------------------------------------------------

    def get_exclude(self, request: HttpRequest, obj: Model | None = None) -> Sequence[str]:
        names = {field.name for field in self.model._meta.get_fields()}
        return [*(super().get_exclude(request, obj) or ()), *(n for n in self.hidden_fields if n in names)]

    def get_fieldsets(self, request: HttpRequest, obj: Model | None = None) -> Any:
        """The fields in their groups; the mark of what the form showed is always among them."""
        first, *others = (self.add_fieldsets if obj is None else None) or super().get_fieldsets(request, obj)
        if meanwhile.FIELD in flatten_fieldsets([first, *others]):
            return [first, *others]
        title, options = first
        return [(title, {**options, "fields": (meanwhile.FIELD, *options["fields"])}), *others]

    def get_form(self, request: HttpRequest, obj: Model | None = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change, **kwargs)
        refused = getattr(request, "_refused", None)
        return form if refused is None else type("Refused", (RefusedForm, form), {"refused": refused})

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """A new record is proposed as one's own, where one works."""
        names = {field.name for field in self.model._meta.fields}
        place = {self.policy.owner: request.user.pk, self.policy.branch: standing_of(request.user).branch}
        own = {name: value for name, value in place.items() if name in names and name != "id"}
        return {**own, **super().get_changeform_initial_data(request)}

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Nothing yet: a record is written together with its rows, see `save_related`."""

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Write the record and its rows through the domain's services, where they are named."""
        try:
            self._write(request, form, formsets, change)
        except ProcessError as error:
            raise NotSaved(error) from error

    def _write(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        obj, by = form.instance, request.user
        kept = self.model._base_manager.select_for_update().get(pk=obj.pk) if change else None
        version = getattr(kept, "version", None)
        names = set(form.changed_data) if change else set(form.cleaned_data)
        columns = {field.name for field in self.model._meta.concrete_fields}
        values = {name: form.cleaned_data[name] for name in names & columns}
        if kept is not None:
            meanwhile.must_be_as_seen(kept, form, by)
        served = [formset for formset in formsets if getattr(formset, "given_as", "")]
        values |= {formset.given_as: rows_of(formset) for formset in served if formset.has_changed()}
        if kept is not None:
            (type(self).on_change or _change)(kept, by=by, **values)
        else:
            made = (type(self).on_create or _create(self.model))(by=by, **values)
            allow_place(by, made)
            obj.__dict__.update(made.__dict__)
        form.save_m2m()
        for formset in formsets:
            if formset not in served:
                self.save_formset(request, form, formset, change=change)
        if version is not None and any(formset.has_changed() for formset in formsets):
            # Rows count as part of their record: who looked at it before they were changed is told.
            still = self.model._base_manager.filter(pk=obj.pk, version=version)
            records.change_many(still, by=by)

    def changeform_view(self, request: HttpRequest, object_id: str | None = None, form_url: str = "",
                        extra_context: dict[str, Any] | None = None) -> HttpResponse:  # fmt: skip
        context = dict(extra_context or {})
        if object_id is not None and request.method == "GET":
            context["processes"] = processes_of(request.user, self.subject_type, unquote(object_id))
        if object_id is not None and self.page_name:
            context["own_page"] = (self.page_name, unquote(object_id))
        try:
            return super().changeform_view(request, object_id, form_url, context)
        except NotSaved as kept_back:
            # A service refused: the record is as it was, and the form comes back with what was typed and the reason.
            if isinstance(kept_back.error, meanwhile.ChangedMeanwhile):
                request.POST = kept_back.error.data  # type: ignore[assignment]
            request._refused = kept_back.error  # type: ignore[attr-defined]
            return super().changeform_view(request, object_id, form_url, context)

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        """Rows of a record are stamped as the record is."""
        by: Any = request.user
        for row in formset.save(commit=False):
            if isinstance(row, records.Stamped):
                row.changed_at, row.changed_by = ports.now(), by
                row.created_by = row.created_by or (by if row._state.adding else None)
                row.version += 0 if row._state.adding else 1
            row.save()
        for row in formset.deleted_objects:
            row.delete()
        formset.save_m2m()

    def delete_model(self, request: HttpRequest, obj: Model) -> None:
        """With a record go the rights that were granted on it."""
        if isinstance(self.model._meta.pk, IntegerField):
            take_all(obj)
        obj.delete()

    def history_view(self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Who changed what, when and where from: read from the audit trail, not from the admin's own log."""
        record = self.get_object(request, object_id)
        context = {
            **self.admin_site.each_context(request),
            "title": _("History"), "opts": self.opts, "object": record, "original": record,
            "entries": history.entries_of(record, user=request.user), **(extra_context or {}),
        }  # fmt: skip
        return TemplateResponse(request, self.object_history_template, context)

    def construct_change_message(self, request: HttpRequest, form: Any, formsets: Any, add: bool = False) -> list[Any]:
        """The audit trail knows already."""
        return []

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


def _change(record: Model, *, by: Any, **values: Any) -> None:
    if isinstance(record, records.Stamped):
        records.change(record, by=by, **values)
        return
    for name, value in values.items():
        setattr(record, name, value)
    record.save(update_fields=list(values))


class PartInline(Choosing, TabularInline):
    """Rows that belong to a record: shown as far as their own policy reaches, changed by who may change the record.

    `given_as` is the name under which the record's services take these rows; without it they are stamped and saved as
    they stand. `budget` names references besides those among the fields.
    """

    form = KeepsChoice
    extra = 0
    tab = True
    show_change_link = False
    read_once = True
    read_only: ClassVar[bool] = False
    given_as: ClassVar[str] = ""
    budget: ClassVar[Sequence[str]] = ()

    def get_formset(self, request: HttpRequest, obj: Model | None = None, **kwargs: Any) -> Any:
        formset = super().get_formset(request, obj, **kwargs)
        formset.given_as = self.given_as
        return formset

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        # The formset itself narrows this to the record at hand.
        rows = policy_for(self.model).rows(request.user, "view")
        ordering = self.get_ordering(request)
        rows = rows.order_by(*ordering) if ordering else rows
        shown = [*references(self.model, self.fields or ()), *self.budget]
        return rows.select_related(*shown) if shown else rows

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return True

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self.has_change_permission(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        if self.read_only:
            return False
        parent = policy_for(self.parent_model)
        if obj is None or obj.pk is None:
            return bool(parent.may_add(request.user))
        return asked(request, parent, "change", obj)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self.has_change_permission(request, obj)


class ReadOnlyInline(PartInline):
    """Rows that are history: shown, never changed here."""

    read_only = True
    can_delete = False
