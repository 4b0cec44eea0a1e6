"""The engine as the product runs it: complaint handling with audit, grants, limits and boundary timers.

Start is from the message of a complaint that has arrived to its first task in an inbox, with all the
automated nodes and background work between; divided by the nodes it passed, it is what an automated node costs. Complete
is to take a department's question from its inbox and to answer its form. The chain is the bare chain of ten automated
nodes, about the complaint. All go through the door, so rights, forms, decisions, notices and the audit trail are in
them. In the same rounds the bare line and the bare chain run on stock Viewflow, so that what the machine does meets both.
"""

from __future__ import annotations

import json
import os
import random
from collections import defaultdict
from datetime import UTC, datetime
from statistics import median
from typing import Any

from tests.bench.measure import Count, counted, installed, timed

ROUNDS, INSTANCES = 20, 3
WHAT = ("start", "complete", "chain")
NAMES = ("finance", "legal")
"""Departments that are asked, so tasks that are completed, in each complaint."""


def main() -> None:
    installed()
    from processes import actions, api, ports

    clock = ports.FixedClock(datetime(2026, 11, 24, 2, 34, tzinfo=UTC))
    nothing = actions.Action("bench.nothing", lambda call: None)
    with ports.using(clock=clock), api.by_hand(), actions.temporarily(nothing):
        print(json.dumps(measured(Complaints(clock))))


def measured(product: Complaints) -> dict[str, Any]:
    """Milliseconds by side and by what it does, statements of the product."""
    from tests.bench.sides import Stock

    stock = Stock()
    times: dict[tuple[str, str], list[float]] = defaultdict(list)
    for number in range(-1, ROUNDS):  # the first one warms
        sides = [("product", lambda: product.round(INSTANCES)), ("stock", lambda: line(stock, product.user))]
        random.Random(number).shuffle(sides)
        for name, act in sides:
            for what, values in act().items():
                if number >= 0:
                    times[name, what].append(median(values))
    ms = {name: {what: median(times[name, what]) for what in WHAT} for name in ("product", "stock")}
    return {"ms": ms, "statements": product.statements(), "nodes": product.automated(), "rounds": ROUNDS}


def line(stock: Any, user: Any) -> dict[str, list[float]]:
    """A round of the line on stock Viewflow."""
    found: dict[str, list[float]] = defaultdict(list)
    for _number in range(INSTANCES):
        instance = timed(found["start"], stock.start)
        for _step in range(2):
            task = stock.find(instance)
            timed(found["complete"], lambda task=task, instance=instance: stock.complete(task, user, instance))
        timed(found["chain"], stock.chain)
    return found


class Complaints:
    """The demo company's service desk."""

    def __init__(self, clock: Any) -> None:
        from crm_core.kernel.models import Employee
        from tests.bench.drawings import chain
        from tests.bench.measure import publish
        from tests.stories.house import House

        self.house = House(clock)
        Employee.objects.update(capacity=30_000)  # every case stays open, and nobody full is given another one
        self.user = self.house.founder.users["cao.lei"]
        self.experts = {"finance": self.user, "legal": self.house.founder.users["qin.fa"]}
        publish("bench_chain10", chain(5))
        self.case: Any = None

    def arrives(self) -> Any:
        """A complaint is in, and its message waits to be delivered."""
        from crm_core.service.services import receive_case

        return receive_case(
            data={"kind": "complaint", "subject_line": "Belt slips", "product_group": "equipment", "impact": "loss",
                  "description": "Line 2 stopped.", "contact_name": "Zhang Wei", "contact_email": "zhang@huadu.example",
                  "company": "Huadu Dairy", "language": "en"},
            branch=self.house.founder.branches["shanghai"],
        )  # fmt: skip

    def asks(self, case: Any) -> list[Any]:
        """The handler has sent a first word and asks the departments; their tasks."""
        from processes import api
        from processes.runtime.models import Task

        case.refresh_from_db()
        instance = self.house.instance("complaint_handling", "case", case.pk)
        first = Task.objects.open().human().get(process=instance)
        answers = {"severity": case.severity, "contact_person": str(case.handler_id), "ack_text": "We have it.",
                   "departments": list(NAMES)}  # fmt: skip
        api.complete(first.pk, user=case.handler, data=answers)
        api.drain()
        return list(Task.objects.open().human().filter(process=instance).order_by("role"))

    def answers(self, task: Any) -> None:
        """An expert takes the question and answers it."""
        from processes import api

        user = self.experts[task.role]
        api.claim(task.pk, user=user)
        api.complete(task.pk, user=user, data={"finding": "No obstacle."})

    def round(self, instances: int) -> dict[str, list[float]]:
        """Milliseconds of every single thing in a round."""
        from processes import api

        found: dict[str, list[float]] = defaultdict(list)
        for _number in range(instances):
            case = self.arrives()
            timed(found["start"], api.drain)
            for task in self.asks(case):
                timed(found["complete"], lambda task=task: self.answers(task))
            self.case = case
            timed(found["chain"], self.chain)
        return found

    def chain(self) -> None:
        """Ten automated nodes about the last complaint."""
        from processes import api

        api.start("bench_chain10", subject=("case", self.case.pk), data={"n": 1})

    def automated(self) -> int:
        """How many nodes a complaint passes from its message to its first task, as the event log has them."""
        from processes import api
        from processes.runtime.models import Task

        case = self.arrives()
        api.drain()
        rows = Task.objects.stored().filter(process=self.house.instance("complaint_handling", "case", case.pk))
        return int(rows.filter(status="DONE", owner=None).count())

    def statements(self) -> dict[str, Count]:
        """SQL statements of each thing."""
        from processes import api

        case = self.arrives()
        start = counted(api.drain)
        task = self.asks(case)[0]
        complete = counted(lambda: self.answers(task))
        return {"start": start, "complete": complete, "chain": counted(self.chain)}


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.bench.settings")
    main()
