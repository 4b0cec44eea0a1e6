"""A small company to tell stories in: people with roles in two branches, the shipped flows, a clock under control.

Whoever acts does so through the pages: `Person` signs in and works with links and forms as a browser would.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from functools import cached_property
from html import unescape
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from crm_core.demo.company import Company
from crm_core.demo.found import Founder
from crm_core.kernel.models import User
from processes import api, ports
from processes.runtime.models import ProcessInstance, Task

_FINGERPRINT = re.compile(r'name="_fingerprint"\s+value="([^"]*)"')


class Person:
    """Somebody at the pages."""

    def __init__(self, user: User) -> None:
        self.user = user
        self.client = Client()
        self.client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")

    def get(self, name: str, *args: Any, **query: str) -> HttpResponse:
        """A page by its name."""
        return self.client.get(reverse(name, args=args), query)

    def sees(self, instance: ProcessInstance, step: str) -> bool:
        """Whether a step of an instance lies in the own inbox."""
        task = self.task(instance, step)
        pages = [self.get("redraw:inbox", box=box).content.decode() for box in ("mine", "teams")]
        return any(str(task.pk) in page for page in pages)

    def task(self, instance: ProcessInstance, step: str) -> Task:
        """The open task of a step."""
        return Task.objects.open().human().get(process=instance, node_id=step)

    def claim(self, task: Task) -> HttpResponse:
        """Take a task with its button."""
        return self.client.post(reverse("redraw:claim", args=[task.pk]))

    def fingerprint(self, task: Task) -> str:
        """What the opened form carries along to notice that it has grown old."""
        page = self.get("redraw:work", task.pk).content.decode()
        found = _FINGERPRINT.search(page)
        if found is None:
            raise AssertionError(f"The page of {task.node_id} has no form for {self.user.username}:\n{text_of(page)[:1500]}")
        return unescape(found[1])

    def send(self, task: Task, **answers: Any) -> HttpResponse:
        """Fill in the form of a task and press its button."""
        return self.client.post(
            reverse("redraw:complete", args=[task.pk]), {"_fingerprint": self.fingerprint(task), **answers}
        )

    def does(self, instance: ProcessInstance, step: str, **answers: Any) -> Task:
        """Open a step, take it where it is on offer, complete it; the story breaks when a page refuses."""
        task = self.task(instance, step)
        if task.owner_id is None:
            taken = self.claim(task)
            if taken.status_code != 302:
                raise AssertionError(f"{self.user} could not take {step}: {text_of(taken.content.decode())[:800]}")
        response = self.send(task, **answers)
        if response.status_code != 302:
            raise AssertionError(f"{step} was refused: {text_of(response.content.decode())[:2500]}")
        task.refresh_from_db()
        if task.status != "DONE":
            raise AssertionError(f"{step} is {task.status}.")
        return task


def text_of(page: str) -> str:
    """The words of a page."""
    page = re.sub(r"(?s)<(script|style|svg).*?</\1>", " ", page)
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", page)))


class House:
    """The demo company's offices and staff without its history, and what a story needs to go on."""

    def __init__(self, clock: ports.FixedClock) -> None:
        self.clock = clock
        self.company = Company(settings.BASE_DIR / "fixtures/demo/company.toml")
        self.founder = Founder(self.company, clock.now().date())
        call_command("roles", "load", verbosity=0)
        call_command("process", "load", "--publish", verbosity=0)
        self.founder.offices()
        self.founder.staff()
        self.founder.catalogue()
        self.founder.articles()
        self.founder.segments()
        self._people: dict[str, Person] = {}

    def __getitem__(self, username: str) -> Person:
        if username not in self._people:
            self._people[username] = Person(self.founder.users[username])
        return self._people[username]

    @cached_property
    def groups(self) -> dict[str, Group]:
        """Roles by key."""
        return {group.name: group for group in Group.objects.all()}

    def customer(self, number: int = 0) -> Any:
        """One of the company's accounts, written when it is first needed."""
        spec = self.company.accounts[number]
        if spec.key not in self.founder.accounts:
            self.founder.accounts[spec.key] = self.founder.account(spec, {})
        return self.founder.accounts[spec.key]

    def settle(self) -> None:
        """Let messages, jobs and due timers happen."""
        api.drain()

    def wait(self, **span: float) -> None:
        """Let time pass, timer by timer, as the dispatcher would see it."""
        until = self.clock.now() + timedelta(**span)
        while (due := api.next_due()) is not None and due <= until:
            self.clock.move(max(due, self.clock.now()))
            api.drain()
        self.clock.move(until)
        api.drain()

    def wait_until(self, moment: datetime) -> None:
        """Let time pass up to a moment."""
        self.wait(seconds=(moment - self.clock.now()).total_seconds())

    def instance(self, key: str, subject_type: str, subject_id: int) -> ProcessInstance:
        """The instance of a process about a record."""
        return ProcessInstance.objects.get(definition__key=key, subject_type=subject_type, subject_id=subject_id)

    def steps(self, instance: ProcessInstance) -> list[str]:
        """The steps of people that are open now."""
        return sorted(Task.objects.open().human().filter(process=instance).values_list("node_id", flat=True))

    def task(self, pk: UUID) -> Task:
        """A task by its id."""
        return Task.objects.get(pk=pk)
