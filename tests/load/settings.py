"""Settings of the processes of a load test: the product's, and the app whose effects are counted."""

from __future__ import annotations

from config.settings import *  # noqa: F403
from config.settings import INSTALLED_APPS, Q_CLUSTER

INSTALLED_APPS = [*INSTALLED_APPS, "tests.load.ledger"]
Q_CLUSTER = {**Q_CLUSTER, "timeout": 20, "retry": 30}
