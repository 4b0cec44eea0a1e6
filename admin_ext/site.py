"""The admin site: records behind the policies, in our own frame, with the inbox as its home."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _
from unfold.sites import UnfoldAdminSite

from admin_ext.pages import may_enter


class SignIn(AuthenticationForm):
    """Signing in. Who has no work here is told so, instead of landing on a page that refuses."""

    error_messages = {
        "invalid_login": _("User name and password do not match. Check both; the password minds capital letters."),
        "inactive": _("This account is closed. Ask an administrator."),
        "outside": _("Your account has no role here yet. Ask an administrator for one."),
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs["class"] = "input"

    def confirm_login_allowed(self, user: Any) -> None:
        super().confirm_login_allowed(user)
        if not may_enter(user):
            raise forms.ValidationError(self.error_messages["outside"], code="outside")


class RedrawAdminSite(UnfoldAdminSite):
    """Record pages. What a person may see or do is asked of the policies, never of model permissions."""

    login_form = SignIn
    login_template = "redraw/login.html"
    index_title = _("Records")
    enable_nav_sidebar = True

    def has_permission(self, request: HttpRequest) -> bool:
        return may_enter(request.user)

    def get_urls(self) -> list[Any]:
        """Without the theme's jump to any row of any table by its id: no policy stands before it."""
        return [pattern for pattern in super().get_urls() if getattr(pattern, "name", None) != "view_on_site"]

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The records have no front page of their own: the inbox is the home."""
        return redirect("redraw:inbox")

    def app_index(self, request: HttpRequest, app_label: str, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Nor has a domain a front page of its own: the side panel leads to its records."""
        return redirect("redraw:inbox")

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[dict[str, Any]]:
        """The theme's own list of applications stays empty; our side panel takes its place."""
        return [] if app_label is None else super().get_app_list(request, app_label)


site = RedrawAdminSite(name="admin")
