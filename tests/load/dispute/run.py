"""A run: the product's processes on a database of their own, disputes at a steady rate, figures of a window."""

from __future__ import annotations

import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from tests.load.dispute import figures
from tests.load.dispute.drawings import DRAWINGS, ROLE
from tests.support.running import Running

WARM_UP = 20.0
SETTLED = 1.1
"""Sustained is a rate at which no more than a tenth of the disputes begun in the window is open at its end beyond those
that were open at its begin."""
PREPARE = f"""
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from processes.catalog.models import ProcessDefinition, ProcessVersion
from processes.publication.services import publish_now
group, _new = Group.objects.get_or_create(name={ROLE!r})
get_user_model().objects.create_user(username="clerk", is_staff=True).groups.add(group)
for key, bpmn in {list(DRAWINGS.items())!r}:
    definition, _new = ProcessDefinition.objects.get_or_create(key=key, defaults={{"titles": {{"en": key}}}})
    publish_now(ProcessVersion.objects.create(definition=definition, number=1, bpmn=bpmn, forms={{}}))
"""


@dataclass(frozen=True)
class Result:
    """The figures of a run by name, and whether the rate was sustained."""

    figures: dict[str, float]
    begun: float
    open_before: int
    open_after: int
    incidents: int

    @property
    def sustained(self) -> bool:
        return self.incidents == 0 and self.open_after - self.open_before <= (SETTLED - 1) * self.begun + 1


def run(url: str, *, workers: int, rate: float, seconds: float, warm_up: float = WARM_UP) -> Result:
    """Load an empty database with `rate` disputes a second and measure `seconds` of it, after a warm-up."""
    with tempfile.TemporaryDirectory() as folder:
        settings = {"DJANGO_SETTINGS_MODULE": "tests.load.dispute.settings", "REDRAW_WORKERS": str(workers), "LOAD_GAUGE": folder}
        with Running(url, **settings) as house:
            house.shell(PREPARE)
            house.begin("manage.py", "workers")
            house.begin("manage.py", "dispatcher")
            house.begin("-m", "tests.load.dispute.client", str(rate), str(warm_up + seconds + 60))
            house.until(lambda: figures.open_disputes(house), "the first dispute has begun")
            time.sleep(warm_up)
            return _measured(house, rate, seconds, Path(folder))


def _measured(house: Running, rate: float, seconds: float, gauges: Path) -> Result:
    before, size, begin = figures.open_disputes(house), figures.bytes_of(house), time.time()
    while time.time() < begin + seconds:
        time.sleep(0.5)
        dead = [child.args for child in house.children if child.poll() is not None]
        if dead:
            raise RuntimeError(f"A process of the run has ended: {dead}")
    window = figures.Window(begin, time.time())
    after, grown = figures.open_disputes(house), figures.bytes_of(house) - size
    time.sleep(1.5)  # the gauges write every second
    begun = rate * window.seconds
    found = figures.measured(house, window, gauges)
    return Result({**found, "bytes_per_dispute": grown / begun}, begun, before, after, figures.incidents(house))


