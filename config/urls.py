"""Addresses: every page belongs to the admin front end."""

from __future__ import annotations

from django.urls import include, path

urlpatterns = [path("", include("admin_ext.urls"))]
