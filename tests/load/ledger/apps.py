"""A small app for load tests: actions with effects that are counted."""

from __future__ import annotations

from django.apps import AppConfig


class LedgerConfig(AppConfig):
    name = "tests.load.ledger"
    label = "load_ledger"
    default_auto_field = "django.db.models.BigAutoField"
