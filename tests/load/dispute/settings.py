"""Settings of the processes under load: those of the load tests, and a gauge in each process."""

from __future__ import annotations

from tests.load.settings import *  # noqa: F403
from tests.load.settings import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "tests.load.dispute.gauge.GaugeConfig"]
