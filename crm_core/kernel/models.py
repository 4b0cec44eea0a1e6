"""Organisation and access: users, branches, teams, employees, roles, grants, audit."""

from __future__ import annotations

from django.contrib.auth.models import AbstractUser


class User(AbstractUser):
    """A person who can sign in."""
