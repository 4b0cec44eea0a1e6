"""Addresses: every page belongs to the admin front end."""

from __future__ import annotations

from django.urls import include, path

handler403 = "admin_ext.pages.forbidden"
handler404 = "admin_ext.pages.missing"

urlpatterns = [path("", include("admin_ext.urls"))]
