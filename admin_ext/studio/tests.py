"""The tests of a process: what each does and expects in words, how it came out, run and taken away."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from admin_ext import words
from admin_ext.pages import page
from admin_ext.studio.drawing import tabs
from crm_core.kernel.models import Role
from processes import api


@dataclass(frozen=True, slots=True)
class Line:
    """One step of a test in words, with what is entered in it."""

    icon: str
    text: str
    entered: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """A test as its page shows it."""

    name: str
    result: Any
    record: tuple[tuple[str, str], ...]
    lines: tuple[Line, ...]
    path: tuple[str, ...]
    end: str
    decisions: tuple[tuple[str, str], ...]
    where: str


@page
@require_http_methods(["GET", "POST"])
def tests(request: HttpRequest, key: str) -> HttpResponse:
    """The tests of a version, the newest unless told; POST runs them all or takes one away."""
    sent = request.POST if request.method == "POST" else request.GET
    shown = api.tests(key, _number(sent.get("version", "")), user=request.user)
    number = shown.version.number
    if request.method == "POST":
        if sent.get("do") == "remove":
            try:
                api.remove_test(key, number, sent.get("name", ""), user=request.user)
                messages.success(request, _("The test “%(name)s” is taken away.") % {"name": sent.get("name", "")})
            except api.Invalid as error:
                messages.error(request, error.sentence)
        else:
            _run(request, key, number)
        return redirect(f"{reverse('redraw:studio_tests', args=[key])}?version={number}")
    roles = {role.key: str(role) for role in Role.objects.all()}
    context = {
        "title": _("Tests"), "process": shown.version.definition, "shown": shown,
        "crumbs": [(_("Processes"), reverse("redraw:processes")),
                   (shown.version.definition.title(), reverse("redraw:process", args=[key]))],
        "tabs": tabs(shown.version, "tests") if shown.version.is_open else [],
        "rows": [_row(test, shown, roles) for test in shown.tests],
        "passed": sum(bool(test.result and test.result.passed) for test in shown.tests),
    }  # fmt: skip
    return render(request, "redraw/studio/tests.html", context)


def _run(request: HttpRequest, key: str, number: int) -> None:
    try:
        results = api.run_tests(key, number, user=request.user)
    except api.Invalid as error:
        messages.error(request, error.sentence)
        return
    failed = sum(not result.passed for result in results)
    if failed:
        messages.error(request, ngettext("%(n)d test fails.", "%(n)d tests fail.", failed) % {"n": failed})
    else:
        messages.success(request, _("All tests hold."))


def _number(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) <= 6 else None


def _row(test: Any, shown: Any, roles: Mapping[str, str]) -> Row:
    names, fields = shown.names, shown.fields
    expect = test.expect
    return Row(
        name=test.name, result=test.result, record=tuple((name, str(value)) for name, value in test.record.items()),
        lines=tuple(_line(step, names, fields, roles) for step in test.steps),
        path=tuple(names.get(one, one) for one in expect.get("path", ())),
        end=names.get(expect.get("end") or "", expect.get("end") or ""),
        decisions=tuple((names.get(one["element"], one["element"]), _answer(one["outcome"])) for one in expect.get("decisions", ())),
        where=names.get(test.result.element, "") if test.result is not None else "",
    )  # fmt: skip


def _line(step: Mapping[str, Any], names: Mapping[str, str], fields: Mapping[str, str], roles: Mapping[str, str]) -> Line:
    name = names.get(step.get("element", ""), step.get("element", ""))
    if step.get("do") == "wait":
        return Line("schedule", _("%(span)s pass.") % {"span": words.span(timedelta(seconds=step.get("seconds") or 0))})
    if step.get("do") == "message":
        return Line("mail", _("“%(step)s” hears “%(message)s”.") % {"step": name, "message": step.get("name", "")},
                    tuple((str(k), str(v)) for k, v in (step.get("data") or {}).items()))  # fmt: skip
    entered = tuple((fields.get(key, key), _answer(value)) for key, value in (step.get("entered") or {}).items() if value not in ("", None, []))
    return Line("person", _("%(role)s does “%(step)s”.") % {"role": roles.get(step.get("role", ""), step.get("role", "")), "step": name}, entered)


def _answer(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name}: {_answer(part)}" for name, part in value.items() if part not in (None, "", [], {}))
    if isinstance(value, list):
        return ", ".join(_answer(part) for part in value)
    return str(value)
