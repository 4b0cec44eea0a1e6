"""Measures the sides on one database, in a process of its own; prints what it found as one line of JSON.

Rounds are interleaved: in each, every side does the same in an order drawn anew, so that whatever else the
machine does meets all of them. A figure is the median of the rounds' medians.
"""

from __future__ import annotations

import json
import os
import random
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from statistics import median
from typing import Any, NamedTuple

ROUNDS, INSTANCES = 25, 8


def main() -> None:
    installed()
    with bare_engine():
        print(json.dumps(measured()))


@contextmanager
def bare_engine() -> Iterator[None]:
    """The engine on its own ports, with the action of the chains."""
    from processes import actions, ports

    bare = {name: kind() for name, kind in vars(_defaults()).items()}
    with ports.using(**bare), actions.temporarily(actions.Action("bench.nothing", lambda call: None)):
        yield


def installed() -> None:
    """Set Django and an empty database up."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.bench.settings")
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    if os.environ.get("REDRAW_BENCH_NO_DISK"):
        from django.db import connection

        with connection.cursor() as cursor:
            cursor.execute("SET synchronous_commit = off")


def _defaults() -> Any:
    """The ports that the engine stands on by itself: no audit, no grants, no notices."""
    from types import SimpleNamespace

    from processes import ports

    return SimpleNamespace(
        clock=ports.SystemClock, people=ports.DefaultPeople, subjects=ports.Subjects, grants=ports.NoGrants,
        calendars=ports.RoundTheClock, audit=ports.NoAudit, notifier=ports.NoNotices,
    )  # fmt: skip


def measured() -> dict[str, Any]:
    """Milliseconds and statements by side and by what it does."""
    from django.contrib.auth import get_user_model

    from tests.bench.drawings import chain, line
    from tests.bench.sides import Ours, Raw, Stock

    user = get_user_model().objects.create(username=f"bench{time.time_ns()}")
    line_version = publish("bench_line", line())
    chain_version = publish("bench_chain10", chain(5))
    publish("bench_chain0", chain(0))
    sides = [Stock(), Ours(), Raw(line_version, chain_version)]
    for side in sides:
        one_round(side, user)  # warm: compiled, statements prepared
    times: dict[tuple[str, str], list[float]] = defaultdict(list)
    for number in range(ROUNDS):
        order = sides[:]
        random.Random(number).shuffle(order)
        for side in order:
            for what, values in one_round(side, user).items():
                times[side.name, what].append(median(values))
    return {
        "ms": {side.name: {what: median(times[side.name, what]) for what in ("start", "complete", "chain")} for side in sides},
        "statements": {side.name: statements(side, user) for side in sides},
        "rounds": ROUNDS,
    }  # fmt: skip


def publish(key: str, bpmn: str) -> Any:
    """A published version of a drawing."""
    from processes.catalog.models import ProcessDefinition, ProcessVersion
    from processes.publication.services import publish_now

    definition, _new = ProcessDefinition.objects.get_or_create(key=key, defaults={"titles": {"en": key}})
    version = ProcessVersion.objects.create(
        definition=definition, number=definition.versions.count() + 1, bpmn=bpmn, forms={}
    )
    publish_now(version)
    return version


def one_round(side: Any, user: Any) -> dict[str, list[float]]:
    """Milliseconds of every single thing that a side does in a round."""
    found: dict[str, list[float]] = defaultdict(list)
    for _number in range(INSTANCES):
        instance = timed(found["start"], side.start)
        for _step in range(2):
            task = side.find(instance)
            timed(found["complete"], lambda task=task, instance=instance: side.complete(task, user, instance))
        timed(found["chain"], side.chain)
    return found


def timed(into: list[float], act: Callable[[], Any]) -> Any:
    """Do it, and note the milliseconds it took."""
    began = time.perf_counter()
    result = act()
    into.append((time.perf_counter() - began) * 1000)
    return result


def statements(side: Any, user: Any) -> dict[str, Count]:
    """SQL statements of each thing, BEGIN and COMMIT included."""
    instance: list[Any] = []
    found = {"start": counted(lambda: instance.append(side.start()))}
    task = side.find(instance[0])
    found["complete"] = counted(lambda: side.complete(task, user, instance[0]))
    found["chain"] = counted(side.chain)
    if hasattr(side, "bare_chain"):
        side.bare_chain()  # compiled now
        found["bare_chain"] = counted(side.bare_chain)
    return found


class Count(NamedTuple):
    """How many SQL statements, and in how many messages to the database, each of which waits for an answer."""

    statements: int
    messages: int


def counted(act: Callable[[], Any]) -> Count:
    """How many statements something takes."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from processes.runtime.together import SEPARATOR

    with CaptureQueriesContext(connection) as captured:
        act()
    sent = [query["sql"] for query in captured.captured_queries]
    if os.environ.get("REDRAW_BENCH_SHOW"):
        import sys

        print(*(sql[:300] for sql in sent), "", sep="\n", file=sys.stderr)
    return Count(sum(sql.rstrip(";").count(SEPARATOR) + 1 for sql in sent), len(sent))


if __name__ == "__main__":
    main()
