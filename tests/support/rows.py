"""Rows of any model for tests that walk all models: required fields are filled, the rest is left."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from itertools import count
from typing import Any
from uuid import uuid4

from django.db import models
from django.db.models.fields import NOT_PROVIDED

from processes import ports

_numbers = count(1)


def make(model: type[models.Model], **values: Any) -> Any:
    """Save a row of `model`, making the rows it must point to."""
    filled = dict(values)
    for field in model._meta.concrete_fields:
        given = field.name in filled or field.attname in filled
        auto = isinstance(field, models.AutoField)
        if given or auto or field.null or field.default is not NOT_PROVIDED:
            continue
        filled[field.name] = _value(field)
    return model._default_manager.create(**filled)


def _value(field: Any) -> Any:
    number = next(_numbers)
    if field.is_relation:
        return make(field.related_model)
    if field.choices:
        return field.choices[0][0]
    if isinstance(field, models.EmailField):
        return f"person{number}@example.com"
    if isinstance(field, models.CharField | models.TextField):
        return f"v{number}"[: field.max_length] if field.unique or not field.blank else ""
    if isinstance(field, models.DateTimeField):
        return ports.now()
    if isinstance(field, models.DateField):
        return date(2026, 11, 24)
    if isinstance(field, models.DecimalField):
        return Decimal(1)
    if isinstance(field, models.UUIDField):
        return uuid4()
    if isinstance(field, models.BooleanField):
        return False
    if isinstance(field, models.FileField):
        return f"file-{number}"
    return number if field.unique else 1
