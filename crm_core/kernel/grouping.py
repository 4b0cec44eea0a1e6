"""What figures about records are grouped by: the customer's class, the branch, the person who answers for it.

A domain declares the groups of its subject once, as paths of the ORM. Read for many records at once, in one query.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.auth import get_user_model
from django.db import models
from django.utils.translation import gettext_lazy as _

from crm_core.kernel.models import Branch, Team
from processes.ports import SubjectField


@dataclass(frozen=True, slots=True)
class By:
    """One group: a name that is kept with figures, what it is called, and the path to its value."""

    name: str
    path: str
    label: Any = ""


BRANCH = By("branch", "branch__key", _("branch"))
TEAM = "team"
MOST_OPTIONS = 300
"""How many values of a group are offered for choice."""
UNKNOWN = ""
"""The value where a record has none."""


def customer_class(prefix: str = "account") -> By:
    """The class of the customer that a record belongs to; `prefix` is the path to it, empty for a customer."""
    return By("customer_class", f"{prefix}__grade".lstrip("_"), _("customer’s class"))


def customer(prefix: str = "account") -> tuple[By, ...]:
    """The groups that come from the customer that a record belongs to; `prefix` as above."""
    return (
        customer_class(prefix),
        By("customer_industry", f"{prefix}__industry".lstrip("_"), _("customer’s industry")),
        By("customer_country", f"{prefix}__country".lstrip("_"), _("customer’s country")),
    )


def person(field: str) -> By:
    """The group of the person that a field names."""
    return By("person", field, _("person"))


def team(field: str) -> By:
    """The group of the team of the person that a field names."""
    return By(TEAM, f"{field}__employee__team__key", _("team"))


def _field(model: type[models.Model], path: str) -> models.Field[Any, Any]:
    """The model field at the end of a path."""
    *way, last = path.split("__")
    for name in way:
        related = model._meta.get_field(name).related_model
        if not isinstance(related, type):
            raise TypeError(f"“{name}” of {model.__name__} leads nowhere.")
        model = related
    return model._meta.get_field(last)  # type: ignore[return-value]


PLACES: Mapping[str, type[Branch] | type[Team]] = {BRANCH.name: Branch, TEAM: Team}
"""Groups whose values are keys of rows that have a name."""


def declared(model: type[models.Model], groups: Iterable[By]) -> tuple[SubjectField, ...]:
    """The groups as the engine knows them, with choices where the field has some."""
    found = []
    for group in groups:
        field = _field(model, group.path)
        kind = "user" if field.related_model is get_user_model() else "text"
        choices = tuple((str(value), label) for value, label in getattr(field, "choices", None) or ())
        found.append(SubjectField(group.name, kind, group.label or field.verbose_name, False, choices))
    return tuple(found)


def reader(
    model: type[models.Model], groups: Sequence[By]
) -> Callable[[Sequence[int]], Mapping[int, Mapping[str, str]]]:
    """A function that gives the values of records by their ids; one query."""
    paths = [group.path for group in groups]

    def read(ids: Sequence[int]) -> Mapping[int, Mapping[str, str]]:
        rows = model._default_manager.filter(pk__in=ids).order_by().values_list("pk", *paths)
        return {
            row[0]: {
                group.name: UNKNOWN if value is None else str(value) for group, value in zip(groups, row[1:], strict=True)
            }
            for row in rows
        }

    return read


def words(fields: Iterable[SubjectField]) -> Callable[[str, Iterable[str]], Mapping[str, str]]:
    """A function that says what values of a group are called: people and branches by name, choices by label; one
    query at most."""
    by_name = {field.name: field for field in fields}

    def say(name: str, values: Iterable[str]) -> Mapping[str, str]:
        field, wanted = by_name.get(name), set(values)
        if field is None:
            return {}
        if field.type == "user":
            people = get_user_model().objects.filter(pk__in=[value for value in wanted if value.isdecimal()])
            return {str(user.pk): user.shown_name() for user in people}
        place = PLACES.get(field.name)
        if place is not None:
            return {row.key: str(row) for row in place._default_manager.filter(key__in=wanted)}
        labels = dict(field.choices)
        return {value: str(labels[value]) for value in wanted if value in labels}

    return say


def options(
    model: type[models.Model], groups: Sequence[By], fields: Sequence[SubjectField]
) -> Callable[[str], Sequence[tuple[str, str]]]:
    """A function that lists what may be chosen of a group: rows by name, choices by label, else the values that records
    have; one query."""
    by_name = {field.name: (field, group.path) for field, group in zip(fields, groups, strict=True)}

    def offer(name: str) -> Sequence[tuple[str, str]]:
        if name not in by_name:
            return ()
        field, path = by_name[name]
        if field.type == "user":
            people = get_user_model().objects.filter(is_active=True, employee__isnull=False).order_by("username")
            return [(str(user.pk), user.shown_name()) for user in people[:MOST_OPTIONS]]
        if name in PLACES:
            return [(row.key, str(row)) for row in PLACES[name]._default_manager.all()[:MOST_OPTIONS]]
        if field.choices:
            return [(value, str(label)) for value, label in field.choices if value]
        found = model._default_manager.exclude(**{path: ""}).exclude(**{path: None})
        values = found.order_by(path).values_list(path, flat=True).distinct()[:MOST_OPTIONS]
        return [(str(value), str(value)) for value in values]

    return offer
