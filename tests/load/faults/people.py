"""People at the pages: they take and finish what is open, and go on when the server dies under their hands."""

from __future__ import annotations

import http.client
import random
import threading
import time
from collections import Counter
from uuid import UUID

from tests.load.faults.givens import CHIEF, CLERKS, PASSWORD
from tests.load.faults.house import House
from tests.support.running import Page, Visitor

PAUSE = 0.5
_MINE = (
    "SELECT t.id FROM process_runtime_task t LEFT JOIN crm_kernel_user u ON u.id = t.owner_id WHERE NOT t.is_body"
    " AND t.kind IN ('userTask', 'manualTask') AND t.status IN ('NEW', 'ASSIGNED', 'STARTED')"
    " AND (t.status = 'NEW' OR u.username = '{name}') ORDER BY t.created LIMIT 30"
)
_CASES = (
    "SELECT id, process_id FROM process_runtime_task WHERE kind = 'adHocSubProcess' AND status = 'STARTED'"
    " AND status IN ('NEW', 'ASSIGNED', 'STARTED', 'SCHEDULED', 'ERROR') LIMIT 30"
)
_BEGUN = "SELECT node_id, status FROM process_runtime_task WHERE process_id = '{instance}' AND parent_id = '{case}'"


class Person(threading.Thread):
    """Somebody who works until they are told to go home. `answers` counts what the server said."""

    def __init__(self, house: House, name: str, seed: int) -> None:
        super().__init__(name=name, daemon=True)
        self.house, self.home, self.chosen = house, threading.Event(), random.Random(f"{seed}:{name}")
        self.pages = Visitor(house.port)
        self.answers: Counter[str] = Counter()
        self.failure: BaseException | None = None

    def run(self) -> None:
        try:
            while not self.home.is_set():
                if not self.work():
                    time.sleep(PAUSE)
        except BaseException as error:
            self.failure = error
            raise

    def work(self) -> bool:
        """Do one thing that is to be done; false when there is none."""
        raise NotImplementedError

    def press(self, path: str, **fields: str) -> Page | None:
        """Press a button; None when the server died or sent to its door meanwhile."""
        try:
            page = self.pages.post(path, **fields)
            if page.status == 403 or "/login/" in page.location:
                self.pages = Visitor(self.house.port).sign_in(self.name, PASSWORD)
                page = self.pages.post(path, **fields)
        except (OSError, http.client.HTTPException, AssertionError) as error:  # AssertionError: could not sign in
            self.answers[type(error).__name__] += 1
            time.sleep(PAUSE)
            return None
        self.answers[str(page.status)] += 1
        return page


class Clerk(Person):
    """Takes tasks that are on offer, and finishes them."""

    def work(self) -> bool:
        open_tasks = self.house.rows(_MINE.format(name=self.name))
        if not open_tasks:
            return False
        task = UUID(str(self.chosen.choice(open_tasks)[0]))
        taken = self.press(f"/work/{task}/claim/")
        if taken is not None:
            self.press(f"/work/{task}/complete/")
        return True


class Chief(Person):
    """Begins the steps of ad-hoc sub-processes, the second one when the first is done."""

    def work(self) -> bool:
        moved = False
        for case, instance in self.house.rows(_CASES):
            steps = dict(self.house.rows(_BEGUN.format(case=case, instance=instance)))
            step = "Look" if "Look" not in steps else "Enough" if steps["Look"] == "DONE" and "Enough" not in steps else ""
            if step:
                moved = True
                self.press(f"/instances/{UUID(str(instance))}/steps/{UUID(str(case))}/", step=step)
        return moved


def staff(house: House, seed: int) -> list[Person]:
    """Everybody who works here."""
    return [Chief(house, CHIEF, seed), *(Clerk(house, name, seed) for name in CLERKS)]
