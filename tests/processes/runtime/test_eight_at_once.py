"""Eight processes at the same rows in the same moment, on PostgreSQL: nothing is lost, nobody waits for ever.

Each prints how long its calls took (`pytest -rP` shows it). A deadlock would be resolved by the database after a second,
and be counted by it: there must be none.
"""

from __future__ import annotations

import json
import re
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from processes import runtime
from processes.runtime.locks import WAIT_SECONDS
from tests.load.hammer import INSTANCES, Struck, hammers
from tests.processes.sketch import message, sketch, user
from tests.support.running import Running, own_database

pytestmark = pytest.mark.postgresql

HANDS, BOTH = 8, "parallelGateway"
ROLE = "hand"
BRANCHES = [f"Branch{number}" for number in range(HANDS)]
JOINED = sketch(
    "Start -> Fork", *(f"Fork -> {name} -> Join" for name in BRANCHES), "Join -> End", key="hammered_joins", Fork=BOTH, Join=BOTH,
    **{name: user(role=ROLE) for name in BRANCHES},
)  # fmt: skip
OFFERED = sketch("Start -> Work -> End", key="hammered_claims", Work=user(role=ROLE))
TOLD = [f"Told{number}" for number in range(HANDS)]
LISTENING = sketch(
    " -> ".join(["Start", *TOLD, "End"]), key="hammered_listening", **{name: message("hammer.told", key="= number") for name in TOLD}
)
_WAYS = ("Start -> Fork -> Ask -> Join", "Fork -> Told -> Join")
_STEPS = {"Fork": BOTH, "Join": BOTH, "Ask": user(role=ROLE), "Told": message("hammer.moved", key="= number")}
FIRST = sketch(*_WAYS, "Join -> End", key="hammered_moving", **_STEPS)
SECOND = sketch(*_WAYS, "Join -> Check -> End", key="hammered_moving", Check=user(role=ROLE), **_STEPS)
PEOPLE = f"""
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
group, _new = Group.objects.get_or_create(name={ROLE!r})
for number in range({HANDS}):
    get_user_model().objects.create_user(username=f"hand{{number}}", is_staff=True).groups.add(group)
get_user_model().objects.create_user(username="boss", is_staff=True, is_superuser=True)
"""
PUBLISH = """
from processes.catalog.models import ProcessDefinition, ProcessVersion
from processes.publication.services import publish_now
for key, bpmn in {drawings!r}:
    definition, _new = ProcessDefinition.objects.get_or_create(key=key, defaults={{"titles": {{"en": key}}}})
    publish_now(ProcessVersion.objects.create(definition=definition, number=definition.versions.count() + 1, bpmn=bpmn, forms={{}}))
"""
START = """
from processes import api
for number in range({times}):
    api.start({key!r}, data={{"number": number}})
"""


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with own_database(tmp_path_factory.mktemp("hammered")) as url, Running(url) as running:
        running.shell(PEOPLE)
        yield running


def publish(house: Running, *drawings: str) -> None:
    """Publish drawings one after the other, each under the key of its process."""
    keyed = [(re.findall(r'<bpmn:process id="(\w+)"', bpmn)[0], bpmn) for bpmn in drawings]
    house.shell(PUBLISH.format(drawings=keyed))


def passed(house: Running, key: str) -> list[tuple[str, Counter[str]]]:
    """The outcome of each instance of a process, and how often it passed each element."""
    rows = house.rows(
        "SELECT i.id, i.outcome, t.node_id FROM process_runtime_processinstance i JOIN process_catalog_processdefinition d"
        f" ON d.id = i.definition_id JOIN process_runtime_task t ON t.process_id = i.id WHERE d.key = '{key}' AND t.status = 'DONE'"
    )
    found: dict[Any, tuple[str, Counter[str]]] = {}
    for pk, outcome, node in rows:
        found.setdefault(pk, (outcome, Counter()))[1][node] += 1
    return list(found.values())


def calm(house: Running, struck: dict[str, Struck]) -> None:
    """Tell the figures; nobody waited long, and the database had no deadlock to resolve."""
    for job, one in struck.items():
        print(f"{job}: {one}")
        assert one.quantile(0.99) < WAIT_SECONDS / 2
        assert one.answers["LockTimeout"] == 0
    time.sleep(1.0)  # the database writes its figures a moment later
    assert house.rows("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()") == [(0,)]


def test_eight_branches_that_end_at_once_are_joined_once_with_every_value(house: Running) -> None:
    publish(house, JOINED)
    house.shell(START.format(key="hammered_joins", times=INSTANCES))
    struck = hammers(house.environment, *["branches"] * HANDS)
    once = Counter({"Start": 1, "Fork": 1, "Join": HANDS, "End": 1, **dict.fromkeys(BRANCHES, 1)})
    assert passed(house, "hammered_joins") == [("completed", once)] * INSTANCES
    values = house.rows("SELECT data FROM process_runtime_processinstance WHERE data::text LIKE '%value%'")
    every = {f"value{number}": number for number in range(HANDS)}
    assert [{**data, "number": None} for (data,) in values] == [{**every, "number": None}] * INSTANCES
    assert struck["branches"].answers == {"done": HANDS * INSTANCES}
    calm(house, struck)


def test_of_eight_who_take_a_task_exactly_one_gets_it(house: Running) -> None:
    publish(house, OFFERED)
    house.shell(START.format(key="hammered_claims", times=INSTANCES))
    struck = hammers(house.environment, *["claims"] * HANDS)
    assert struck["claims"].answers == {"done": INSTANCES, "AlreadyTaken": (HANDS - 1) * INSTANCES}
    owned = house.rows("SELECT count(*) FROM process_runtime_task WHERE node_id = 'Work' AND status = 'ASSIGNED' AND owner_id IS NOT NULL")
    assert owned == [(INSTANCES,)]
    calm(house, struck)


def test_messages_for_the_same_instances_at_once_are_each_taken_once(house: Running) -> None:
    publish(house, LISTENING)
    house.begin("manage.py", "dispatcher")
    struck = hammers(house.environment, *["messages"] * HANDS)
    house.until(lambda: sum(n["End"] for _outcome, n in passed(house, "hammered_listening")) == INSTANCES, "all were told")
    once = Counter({"Start": 1, "End": 1, **dict.fromkeys(TOLD, 1)})
    assert passed(house, "hammered_listening") == [("completed", once)] * INSTANCES
    left = house.rows("SELECT state, count(*) FROM process_runtime_outbox WHERE name = 'hammer.told' GROUP BY state")
    assert left == [("delivered", HANDS * INSTANCES)]
    calm(house, struck)


def test_instances_that_are_moved_while_people_work_end_on_one_version(house: Running) -> None:
    publish(house, FIRST)
    house.shell(START.format(key="hammered_moving", times=INSTANCES))
    publish(house, SECOND)
    house.begin("manage.py", "dispatcher")
    house.begin("manage.py", "workers")
    struck = hammers(house.environment, *["work"] * (HANDS - 3), "tell", "tell", "move")
    by_version = dict(house.rows(
        "SELECT v.number, count(*) FROM process_runtime_processinstance i JOIN process_catalog_processversion v ON v.id = i.version_id"
        " JOIN process_catalog_processdefinition d ON d.id = i.definition_id WHERE d.key = 'hammered_moving' GROUP BY v.number"
    ))  # fmt: skip
    house.until(lambda: house.rows("SELECT state FROM process_migration_migration") == [("done",)], "all were looked at")
    fates = dict(house.rows("SELECT state, count(*) FROM process_migration_migratedinstance GROUP BY state"))
    earlier = house.rows(  # over before the move had listed what runs
        "SELECT v.number, i.status FROM process_runtime_processinstance i JOIN process_catalog_processversion v ON v.id = i.version_id"
        " JOIN process_catalog_processdefinition d ON d.id = i.definition_id WHERE d.key = 'hammered_moving'"
        " AND i.id NOT IN (SELECT instance_id FROM process_migration_migratedinstance)"
    )
    print(by_version, fates, earlier)
    assert set(earlier) <= {(1, "DONE")}
    ended_meanwhile = by_version.get(1, 0) - len(earlier)
    assert fates == {state: n for state, n in (("moved", by_version.get(2, 0)), ("ended", ended_meanwhile)) if n}
    first = Counter({"Start": 1, "Fork": 1, "Ask": 1, "Told": 1, "Join": 2, "End": 1})
    ended = [("completed", first)] * by_version.get(1, 0) + [("completed", first + Counter({"Check": 1}))] * by_version.get(2, 0)
    assert sorted(passed(house, "hammered_moving"), key=_told) == sorted(ended, key=_told)
    calm(house, struck)


def _told(one: tuple[str, Counter[str]]) -> str:
    return json.dumps(one, sort_keys=True)


def test_no_step_sleeps_before_it_tries_again() -> None:
    folder = Path(runtime.__file__).parent
    asleep = [path for path in folder.rglob("*.py") if "sleep(" in path.read_text() and "management" not in path.parts]
    assert asleep == []
