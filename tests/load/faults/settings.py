"""Settings of the processes of the faults run: those of the load tests, and a clock that jumps."""

from __future__ import annotations

from tests.load.settings import *  # noqa: F403
from tests.load.settings import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "tests.load.faults.apps.FaultsConfig"]
