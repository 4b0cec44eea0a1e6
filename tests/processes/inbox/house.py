"""A small house for tests of the inbox: people with roles and places, a kind of record, rows of work.

The rows are written as the runtime writes them, so that lists and pages are tested without moving tokens.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from itertools import count
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group

from processes import ports
from processes.catalog.models import ProcessDefinition, ProcessVersion, State
from processes.runtime.models import ProcessInstance, Task, TaskCandidate

_names = count(1)


class HousePeople(ports.DefaultPeople):
    """People work in the place that stands in their last name."""

    def scopes_of(self, user: Any) -> list[str]:
        return [user.last_name] if user.last_name else []

    def members(self, role: str, scope: str = "") -> list[Any]:
        return [user for user in super().members(role) if not scope or user.last_name == scope]

    def display(self, user: Any) -> str:
        return "" if user is None else user.username


def thing_view(record: Any) -> Mapping[str, Any]:
    """Things are user rows: their e-mail is the need, their last name the place."""
    return {"need": record.email, "place": record.last_name}


def apply_thing(record: Any, changes: Mapping[str, Any], call: Any) -> None:
    """Writes the need, in the name of whoever the call names."""
    record.email = changes.get("need", record.email)
    record.first_name = f"by {call.user.username}"
    record.save()


THING = ports.SubjectType(
    key="thing",
    label="Thing",
    fields=(ports.SubjectField("need", "text", writable=True), ports.SubjectField("place", "text")),
    load=lambda pk: get_user_model().objects.filter(pk=pk).first(),
    view=thing_view,
    visible=lambda user: get_user_model().objects.filter(last_name=user.last_name),
    apply=apply_thing,
    scope_keys=lambda record: {"branch": record.last_name},
)


@contextmanager
def house() -> Iterator[None]:
    """The ports of the house."""
    subjects = ports.Subjects()
    subjects.register(THING)
    with ports.using(
        people=HousePeople(), subjects=subjects, grants=ports.NoGrants(), calendars=ports.RoundTheClock(),
        audit=ports.NoAudit(), notifier=ports.NoNotices(),
    ):  # fmt: skip
        yield


def person(name: str, *roles: str, place: str = "branch:1") -> Any:
    """An active person with roles in a place."""
    user = get_user_model().objects.create_user(name, last_name=place)
    user.groups.set([Group.objects.get_or_create(name=role)[0] for role in roles])
    return user


def thing(place: str = "branch:1", need: str = "") -> Any:
    """A record; only people of its place may see it."""
    return get_user_model().objects.create_user(f"thing{next(_names)}", last_name=place, email=need, is_active=False)


def version(key: str = "deal", bpmn: str = "<x/>", forms: Any = None, state: str = State.PUBLISHED) -> ProcessVersion:
    """A version as it stands in the catalogue."""
    definition, _new = ProcessDefinition.objects.get_or_create(
        key=key, defaults={"titles": {"en": key.title()}, "subject_type": "thing"}
    )
    return ProcessVersion.objects.create(
        definition=definition, number=definition.versions.count() + 1, bpmn=bpmn, forms=forms or {}, state=state
    )


def instance(of: ProcessVersion, record: Any = None, **values: Any) -> ProcessInstance:
    """A running instance, about a record if one is given."""
    made = ProcessInstance(
        definition=of.definition, version=of, flow_class=f"process_compiler/flows.{of.definition.key}_v{of.number}",
        subject_type="thing" if record is not None else "", subject_id=record.pk if record is not None else None,
        **{"title": "T", "business_key": "K-1", **values},
    )  # fmt: skip
    made.root_id = values.get("root_id") or made.pk
    made.save()
    return made


def task(
    of: ProcessInstance, *, to: str = "", place: str = "", owner: Any = None, without: Any = None,
    node: str = "Work", due_at: datetime | None = None, **values: Any,
) -> Task:  # fmt: skip
    """A user task, offered to a role within a place, perhaps not to one person, perhaps taken."""
    made = Task.objects.create(
        process=of, node_id=node, kind="userTask", labels={"en": "Do it"}, role=to, due_at=due_at, owner=owner,
        status=values.pop("status", "ASSIGNED" if owner else "NEW"),
        flow_task=f"process_compiler/flows.{of.version.definition.key}_v{of.version.number}.n_{node}_n",
        flow_task_type="human", **values,
    )  # fmt: skip
    if to:
        group = Group.objects.get_or_create(name=to)[0]
        TaskCandidate.objects.create(task=made, group=group, scope_key=place)
    if without is not None:
        TaskCandidate.objects.create(task=made, user=without, excluded=True)
    return made
