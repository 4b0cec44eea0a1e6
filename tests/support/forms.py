"""Record forms as a browser meets them: opened, filled in, sent back."""

from __future__ import annotations

from typing import Any

from django.forms import MultiWidget
from django.test import Client
from django.urls import reverse

from crm_core.kernel.models import User


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def shown(user: User, model: Any, pk: Any = None) -> tuple[str, dict[str, Any]]:
    """A form's address and what a browser would send back unchanged."""
    meta = model._meta
    address = reverse(f"admin:{meta.app_label}_{meta.model_name}_{'add' if pk is None else 'change'}", args=[] if pk is None else [pk])
    answer = client_of(user).get(address)
    assert answer.status_code == 200
    forms = [answer.context["adminform"].form]
    for inline in answer.context["inline_admin_formsets"]:
        forms += [inline.formset.management_form, *inline.formset.forms]
    sent: dict[str, Any] = {}
    for bound in (bound for form in forms for bound in form):
        value, widget = bound.value(), getattr(bound.field.widget, "widget", bound.field.widget)
        if isinstance(widget, MultiWidget):
            parts = widget.decompress(bound.field.prepare_value(value))
            sent |= {bound.html_name + s: w.format_value(p) or "" for s, w, p in zip(widget.widgets_names, widget.widgets, parts, strict=True)}
        elif value is not None and value is not False:
            sent[bound.html_name] = value
    return address, sent


def save(user: User, model: Any, pk: Any = None, **typed: Any) -> Any:
    """Fill in a form and save it; gives the record. Fields of the form that do not exist are a mistake of the test."""
    address, sent = shown(user, model, pk)
    before = set(model.objects.values_list("pk", flat=True))
    answer = client_of(user).post(address, {**sent, **typed})
    if answer.status_code != 302:
        raise AssertionError(f"{answer.context['errors']} {answer.context['adminform'].form.errors}")
    return model.objects.get(pk=pk) if pk is not None else model.objects.exclude(pk__in=before).get()


def part(name: str, at: int, total: int, **values: Any) -> dict[str, Any]:
    """A row of a part as a browser sends it."""
    return {f"{name}-TOTAL_FORMS": total, **{f"{name}-{at}-{field}": value for field, value in values.items()}}
