"""A folder of rehearsal files that all test processes share: the tables are made once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth.models import Group
from django.core.management import call_command

from crm_core.kernel.models import User
from processes import ports
from processes.rehearsal import rooms


@pytest.fixture(autouse=True)
def nothing_left_over() -> Iterator[None]:
    """No test leaves a rehearsal's file behind."""
    before = set(Path(rooms.folder()).glob("*-*-*-*-*.*"))
    yield
    for file in set(Path(rooms.folder()).glob("*-*-*-*-*.*")) - before:
        file.unlink(missing_ok=True)


@pytest.fixture(scope="session", autouse=True)
def kept_between_runs() -> None:
    """The folder lies under the data of this clone."""
    assert rooms.folder().is_relative_to(settings.DATA_DIR)


SHIPPED = ("opportunity_stages", "terms_approval", "complaint_handling")


@pytest.fixture
def owner(db: None, clock: ports.FixedClock) -> User:
    """Somebody who answers for the shipped processes."""
    call_command("roles", "load", verbosity=0)
    shipped = settings.BASE_DIR / "fixtures/processes"
    call_command("process", "load", *(str(shipped / key) for key in SHIPPED), "--publish", verbosity=0)
    return person("owner", "process_owner")


def person(username: str, role: str) -> User:
    """Somebody with a role."""
    user: User = User.objects.create(username=username, display_name=username.title())
    user.groups.add(Group.objects.get(name=role))
    return user
