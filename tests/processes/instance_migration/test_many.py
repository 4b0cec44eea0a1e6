"""Ten thousand running instances: rehearsed, moved in parts by background calls, the bad ones left where they were."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from django.conf import settings

from processes import api, ports
from processes.runtime import starting
from processes.runtime.models import ProcessInstance
from tests.processes.instance_migration.test_moving import boss, drawn
from tests.processes.runtime.engine_room import forget
from tests.processes.sketch import sketch, timer, user

MANY, BAD = 10_000, 100


@pytest.mark.long
@pytest.mark.django_db
def test_ten_thousand_instances(clock: ports.FixedClock) -> None:
    late = timer("P3D", "", on="A")
    old = drawn(sketch("Start -> A -> B -> End", "Late -> C -> End", Late=late))
    for number in range(MANY):
        starting.start_version(old, data={"limit": number < BAD or "P1D"}, user=boss())
    new = drawn(sketch("Start -> A -> D -> End", "Late -> C -> End", Late=late, A=user(limit="= limit")))
    forget()
    began = time.monotonic()
    found = api.rehearse_migration(api.plan_migration("deal", old.number, new.number, user=boss()))
    rehearsed = time.monotonic() - began
    assert (found.total, found.moves, found.timers_kept) == (MANY, MANY, MANY)
    with api.by_hand():
        begun = api.migrate("deal", old.number, new.number, user=boss(), reason="redrawn")
        began = time.monotonic()
        api.drain()
        moved = time.monotonic() - began
    assert api.migration(begun.pk, user=boss()).counts == {"moved": MANY - BAD, "refused": BAD}
    assert ProcessInstance.objects.filter(version=old, status="NEW").count() == BAD
    stayed = api.stayed_behind(begun.pk, user=boss())
    assert len(stayed) == BAD
    assert all(one.reasons for one in stayed)
    report = Path(settings.BASE_DIR) / "build" / "migration.json"
    report.parent.mkdir(exist_ok=True)
    report.write_text(json.dumps({"instances": MANY, "rehearse_s": round(rehearsed, 2), "apply_s": round(moved, 2)}))
