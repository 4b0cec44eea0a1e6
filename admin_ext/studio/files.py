"""The content of a process as one file: taken out, and brought in again as a draft."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from admin_ext.pages import page
from processes import api

MOST_BYTES = 10 * 1024 * 1024
"""A file that is larger is not even read; the engine says the same of what is inside."""


@require_GET
@page
def export(request: HttpRequest, key: str) -> HttpResponse:
    """The folder of a version as a ZIP file."""
    number = request.GET.get("number", "")
    name, data = api.export_content(key, int(number) if number.isdecimal() and len(number) < 10 else None, user=request.user)
    return HttpResponse(data, content_type="application/zip", headers={"Content-Disposition": f'attachment; filename="{name}"'})


@require_http_methods(["GET", "POST"])
@page
def bring_in(request: HttpRequest, key: str) -> HttpResponse:
    """The form to bring a file in; what became of it is said on the page of differences."""
    if not api.may_redraw(request.user, key):
        raise api.NotAllowed(_("Only who answers for this process may take its files out or bring files in."))
    problem = ""
    if request.method == "POST":
        file = request.FILES.get("file")
        if file is None:
            problem = _("Choose a file first.")
        elif (file.size or 0) > MOST_BYTES:
            problem = _("The file is larger than 10 MB; the folder of a process is smaller.")
        else:
            try:
                return _told(request, key, api.import_content(key, file.read(), user=request.user))
            except api.ProcessError as refused:
                problem = refused.sentence
    title = next((row.title for row in api.definitions(request.user, figures=False) if row.key == key), key)
    context = {
        "title": _("Content as files"), "key": key, "problem": problem, "versions": api.comparable_versions(key, user=request.user),
        "crumbs": [(_("Processes"), reverse("redraw:processes")), (title, reverse("redraw:process", args=[key]))],
    }  # fmt: skip
    return render(request, "redraw/studio/files.html", context, status=422 if problem else 200)


def _told(request: HttpRequest, key: str, loaded: Any) -> HttpResponse:
    version = loaded.version
    if not loaded.new:
        messages.info(request, _("The file holds what version %(number)d says already; nothing has changed.") % {"number": version.number})
        return redirect("redraw:studio_files", key)
    messages.success(request, _("Version %(number)d is a draft now. Below stands what differs from the version before.") % {"number": version.number})
    return redirect(f"{reverse('redraw:studio_difference', args=[key])}?to={version.number}")
