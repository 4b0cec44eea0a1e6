"""Declared fields: what processes may read of a record, and write after checking.

A domain declares the fields of its subject once. From the declaration come the engine's field
list, the context that expressions read, and the check of what forms and tables want to write.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db import models
from django.urls import NoReverseMatch, reverse

from crm_core.kernel import audiences, grouping
from crm_core.kernel.access.policies import policy_for
from crm_core.kernel.grouping import By
from crm_core.kernel.models.organisation import WorkingCalendar
from processes.api import gettext as _
from processes.errors import Invalid
from processes.ports import SubjectField, SubjectType
from processes.prepared import Prepared


@dataclass(frozen=True, slots=True)
class Declared:
    """One field of a subject.

    `read` gives the value (default: the model field of that name); `field` is the model field
    that writing goes to and that label, choices and checks come from (default: the name).
    `lookup` names the column by which a related record is found, "pk" unless said otherwise.
    """

    name: str
    type: str
    writable: bool = False
    label: Any = ""
    read: Callable[[Any], Any] | None = None
    field: str = ""
    lookup: str = "pk"


def _model_field(model: type[models.Model], item: Declared) -> Any:
    try:
        return model._meta.get_field(item.field or item.name)
    except FieldDoesNotExist:
        return None


def subject_fields(model: type[models.Model], declared: Iterable[Declared]) -> tuple[SubjectField, ...]:
    """The engine's field list; labels and choices are those of the model's fields."""
    listed = []
    for item in declared:
        field = _model_field(model, item)
        label = item.label or (field.verbose_name if field is not None else item.name)
        choices = tuple(getattr(field, "choices", None) or ()) if item.type == "choice" else ()
        listed.append(SubjectField(item.name, item.type, label, item.writable, choices))
    return tuple(listed)


def view(record: models.Model, declared: Iterable[Declared]) -> dict[str, Any]:
    """The record as expressions see it: plain values, related records by their id."""
    values: dict[str, Any] = {}
    for item in declared:
        if item.read is not None:
            values[item.name] = item.read(record)
            continue
        field: Any = record._meta.get_field(item.field or item.name)
        if field.is_relation:
            if item.lookup == "pk":
                values[item.name] = getattr(record, field.attname)
            else:
                other = getattr(record, field.name)
                values[item.name] = getattr(other, item.lookup) if other is not None else None
        else:
            values[item.name] = getattr(record, field.attname)
    return values


def clean(record: models.Model, declared: Iterable[Declared], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Checked values by model field, fit for `records.change`.

    Raises `Invalid` with a sentence per field for unknown or unwritable names, values of the
    wrong kind and related records that do not exist; nothing is written here.
    """
    by_name = {item.name: item for item in declared}
    values: dict[str, Any] = {}
    errors: dict[str, str] = {}
    for name, value in changes.items():
        item = by_name.get(name)
        if item is None or not item.writable:
            errors[name] = _("“%(name)s” cannot be written by a process. Take it out of the step.") % {
                "name": name
            }
            continue
        field = record._meta.get_field(item.field or item.name)
        try:
            values[field.name] = _checked(field, item, value, record)
        except ValidationError as error:
            errors[name] = " ".join(str(message) for message in error.messages)
    if errors:
        raise Invalid(_("Some values cannot be saved: ") + " ".join(errors.values()), errors=errors)
    return values


def _checked(field: Any, item: Declared, value: Any, record: models.Model) -> Any:
    if value is None and not field.null:
        value = "" if field.empty_strings_allowed and field.blank else field.get_default()
    if field.is_relation:
        if value in (None, ""):
            return None
        found = field.related_model._default_manager.filter(**{item.lookup: value}).first()
        if found is None:
            raise ValidationError(
                _("There is no “%(kind)s” with “%(value)s”.")
                % {"kind": field.related_model._meta.verbose_name, "value": value}
            )
        return found
    if value in (None, "") and field.null:
        return None
    if isinstance(field, models.JSONField):
        return value
    if isinstance(field, models.DecimalField) and isinstance(value, float):
        value = str(value)
    if isinstance(field, models.DecimalField):
        value = round(field.to_python(value), field.decimal_places)
    if isinstance(field, models.CharField | models.TextField):
        value = str(value).strip()
        if value == "" and field.blank:
            return ""
    return field.clean(value, record)


def page_of(record: models.Model) -> str:
    """The address of the record's page in the admin, or empty text when it has none."""
    meta = record._meta
    try:
        return reverse(f"admin:{meta.app_label}_{meta.model_name}_change", args=[record.pk])
    except NoReverseMatch:
        return ""


def _places(record: Any, owner: str) -> dict[str, str]:
    """Where offers about the record go: its branch, and its owner's team."""
    places = {}
    if record.branch_id:
        places["branch"] = f"branch:{record.branch_id}"
    person = getattr(record, owner, None)
    employee = getattr(person, "employee", None) if person is not None else None
    if employee is not None and employee.team_id:
        places["team"] = f"team:{employee.team_id}"
    return places


_calendar_key: Prepared[tuple[str]] = Prepared(
    lambda pk: WorkingCalendar.objects.filter(pk=pk).values_list("key"), int
)


def _calendar(record: Any) -> str | None:
    """The key of the working calendar of the record's branch, or of the branch above that has one."""
    branch = record.branch
    seen: set[int] = set()
    while branch is not None and branch.pk not in seen:
        if branch.calendar_id:
            found = _calendar_key.first(branch.calendar_id)
            return found[0] if found is not None else None
        seen.add(branch.pk)
        branch = branch.parent
    return None


def subject_type(
    *,
    key: str,
    model: type[models.Model],
    fields: tuple[Declared, ...],
    update: Callable[..., Any],
    owner: str = "owner",
    account: Callable[[Any], int | None] = lambda record: None,
    related: tuple[str, ...] = (),
    as_seen: Callable[[Any], Mapping[str, Any]] | None = None,
    groups: tuple[By, ...] = (),
    customer: str | None = None,
) -> SubjectType:
    """A subject type out of a declaration.

    `update(record, changes=…, by=…, trusted=True)` is the domain's service that writes declared
    fields; `related` are the foreign keys that the view reads, fetched in one query; `groups` what figures are
    grouped by, beside the branch, the owner and the owner's team; `customer` is the path to its customer, empty for a
    customer itself.
    """
    by = (grouping.BRANCH, grouping.person(owner), grouping.team(owner), *groups)
    known = grouping.declared(model, by)
    policy = policy_for(model)

    one: Prepared[Any] = Prepared(
        lambda pk: model._default_manager.select_related("branch", f"{owner}__employee", *related).filter(pk=pk), int
    )

    def apply(record: Any, changes: Mapping[str, Any], call: Any = None) -> None:
        update(record, changes=changes, by=getattr(call, "user", None), trusted=True)

    return SubjectType(
        key=key,
        label=model._meta.verbose_name,
        fields=subject_fields(model, fields),
        load=one.first,
        view=as_seen or (lambda record: view(record, fields)),
        title=str,
        url=page_of,
        scope_keys=lambda record: _places(record, owner),
        visible=policy.rows,
        may_start=lambda user, record: bool(policy.may(user, "view", record)),
        apply=apply,
        account_id=account,
        calendar=_calendar,
        owner=lambda record: getattr(record, owner),
        model=model,
        groups=known,
        grouped=grouping.reader(model, by),
        group_words=grouping.words(known),
        group_options=grouping.options(model, by, known),
        audiences=audiences.reader(model, customer),
    )
