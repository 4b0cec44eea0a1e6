"""Settings of the bench: the product's, and the app of the hand-written flow it is compared with."""

from __future__ import annotations

from config.settings import *  # noqa: F403
from config.settings import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "tests.bench.stock"]
