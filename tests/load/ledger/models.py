"""The ledger: one row per effect."""

from __future__ import annotations

from django.db import models


class Entry(models.Model):
    """An effect that happened. The key is unique, so a second one would be an error, and an incident."""

    key = models.CharField(max_length=200, unique=True)
    step = models.CharField(max_length=100)
    instance = models.UUIDField()

    def __str__(self) -> str:
        return f"{self.step} {self.key}"
