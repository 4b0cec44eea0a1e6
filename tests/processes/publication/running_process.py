"""A process of the product for tests: does one line of JSON after the other, as web and worker do for days.

    {"do": "load", "folder": ...}   {"do": "start"}   {"do": "finish", "instance": ...}
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    django.setup()
    print(json.dumps("ready"), flush=True)
    for line in sys.stdin:
        asked = json.loads(line)
        try:
            answer: Any = globals()[asked.pop("do")](**asked)
        except Exception as error:  # the test shows it
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), flush=True)


def load(folder: str) -> list[str]:
    """Load and publish a folder."""
    from django.contrib.auth.models import Group

    from processes.catalog.loading import load_all
    from processes.publication.services import publish_loaded

    Group.objects.get_or_create(name="seller")
    return [str(done.version) for done in publish_loaded(load_all([folder]))]


def start() -> dict[str, Any]:
    """Start an instance of the current version."""
    from processes import api

    instance = api.start("deal", user=_person())
    return {"instance": str(instance.pk), "version": instance.version.number}


def finish(instance: str) -> dict[str, Any]:
    """Take and finish the open task of an instance; gives how the instance stands then."""
    from processes import api
    from processes.runtime.models import ProcessInstance, Task

    task = Task.objects.stored().get(process=instance, status="NEW", kind="userTask")
    api.claim(task.pk, user=_person())
    api.complete(task.pk, user=_person())
    after = ProcessInstance.objects.stored().get(pk=instance)
    waiting = Task.objects.human().open().filter(process=instance)
    return {"did": task.node_id, "version": after.version.number, "outcome": after.outcome,
            "waits": sorted(waiting.values_list("node_id", flat=True))}  # fmt: skip


def _person() -> Any:
    from django.contrib.auth import get_user_model
    from django.contrib.auth.models import Group

    user, _new = get_user_model().objects.get_or_create(username="seller")
    user.groups.add(Group.objects.get(name="seller"))
    return user


if __name__ == "__main__":
    main()
