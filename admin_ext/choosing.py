"""What a form offers to choose from: the rows that the person may see, asked once per page.

A record that already points to something which the person may not see keeps it: saving a form
must not lose what the form could not offer.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Any, ClassVar

from django import forms
from django.contrib.admin.widgets import AutocompleteSelect
from django.contrib.auth.models import Group
from django.db.models import Exists, JSONField, Model, OuterRef, Q, QuerySet, TextField
from django.http import HttpRequest

from admin_ext import plain_fields, stored_words
from admin_ext.stored_words import KeyField
from crm_core.kernel.access.policies import Policy, rows_for
from crm_core.kernel.models import Employee, Role, User

ROWS_OF_TEXT = 3


def choices_for(user: Any, model: type[Model]) -> QuerySet:
    """The rows of a model that a form may offer to `user`; none of a model without a policy.

    Colleagues are known through their employee rows, groups through their roles.
    """
    if model is User:
        known = rows_for(user, Employee).filter(user=OuterRef("pk")).order_by()
        own = Q(pk__in=rows_for(user, User).order_by().values("pk"))
        return User.objects.filter(Q(Exists(known), is_active=True) | own)
    if model is Group:
        return Group.objects.filter(Exists(rows_for(user, Role).filter(group=OuterRef("pk")).order_by()))
    return rows_for(user, model)


def references(model: type[Model], names: Iterable[Any]) -> list[str]:
    """Those of the names that are references: what a list or a part has to fetch along with its rows."""
    fields = {field.name: field for field in model._meta.concrete_fields}
    return [name for name in names if isinstance(name, str) and name in fields and fields[name].is_relation]


def asked(request: HttpRequest, policy: Policy, action: str, record: Model | None) -> bool:
    """The policy's answer, kept for the request: one page asks the same many times."""
    kept = request.__dict__.setdefault("_policy_answers", {})
    key = (policy.key, action, getattr(record, "pk", None))
    if key not in kept:
        kept[key] = policy.may_any(request.user, action) if record is None else bool(policy.may(request.user, action, record))
    return kept[key]


class Chosen(AutocompleteSelect):
    """A search box for a reference; what is chosen already is shown without asking for it again."""

    known: tuple[str, str] | None = None

    def optgroups(self, name: str, value: Sequence[str], attr: Any = None) -> list[Any]:
        """The chosen row alone: the others come when one searches."""
        if self.known is None or [str(part) for part in value] != [self.known[0]]:
            return super().optgroups(name, value, attr)
        none = [] if self.is_required else [self.create_option(name, "", "", False, 0)]
        return [(None, [*none, self.create_option(name, *self.known, True, len(none))], 0)]


class KeepsChoice(forms.ModelForm):
    """A form whose choices always hold what the record has now."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk is None:
            return
        for name, field in self.fields.items():
            if isinstance(field, KeyField | plain_fields.Some):
                field.keep(getattr(self.instance, name, None))
            now = getattr(self.instance, f"{name}_id", None)
            if now is None or not isinstance(field, forms.ModelChoiceField) or field.queryset is None:
                continue
            offered = field.queryset
            field.queryset = offered.model._default_manager.filter(
                Q(pk__in=offered.order_by().values("pk")) | Q(pk=now)
            ).order_by(*offered.query.order_by)
            widget = getattr(field.widget, "widget", field.widget)
            if isinstance(widget, Chosen) and name in self.instance._state.fields_cache:
                widget.known = (str(now), str(getattr(self.instance, name)))
            read = getattr(field, "read_once", None)
            if read is not None and now not in {getattr(value, "value", value) for value, _label in read}:
                field.choices = [*read, (now, str(getattr(self.instance, name)))]


class Choosing:
    """For pages and parts of records: related records are offered as far as the person's policies reach."""

    read_once = False
    rows_of_text: ClassVar[Mapping[str, int]] = {}
    readonly_preprocess_fields: ClassVar[dict[str, Any]] = {
        name: partial(stored_words.in_words, name) for name in stored_words.WORDS
    }

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """The field of a column; stored keys are chosen by their words, texts begin with a few lines and grow."""
        if stored_words.applies_to(db_field):
            return stored_words.choice_of(db_field, **kwargs)
        if isinstance(db_field, JSONField) and (plain := plain_fields.field_of(db_field, **kwargs)) is not None:
            return plain
        field = super().formfield_for_dbfield(db_field, request, **kwargs)  # type: ignore[misc]
        if isinstance(db_field, TextField) and field is not None:
            field.widget.attrs["rows"] = self.rows_of_text.get(db_field.name, ROWS_OF_TEXT)
        return field

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """The field of a reference, over what the person may choose."""
        if "queryset" not in kwargs:
            kwargs["queryset"] = choices_for(request.user, db_field.remote_field.model)
        searched = db_field.name in self.get_autocomplete_fields(request)  # type: ignore[attr-defined]
        if searched and "widget" not in kwargs:
            kwargs["widget"] = Chosen(db_field, self.admin_site)  # type: ignore[attr-defined]
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)  # type: ignore[misc]
        if self.read_once and not searched:
            # Many rows on one page offer the same: it is read once for all of them.
            kept = request.__dict__.setdefault("_choices_read", {})
            if db_field not in kept:
                kept[db_field] = list(field.choices)
            field.choices = field.read_once = kept[db_field]
        return field

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """The field of several references, over what the person may choose."""
        if "queryset" not in kwargs:
            kwargs["queryset"] = choices_for(request.user, db_field.remote_field.model)
        return super().formfield_for_manytomany(db_field, request, **kwargs)  # type: ignore[misc]
