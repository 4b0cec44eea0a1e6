"""Publishes the drawings of the load test and starts their instances, as a web process would.

    python -m tests.load.starter INSTANCES PAUSE      PAUSE in seconds is what every instance waits for in one branch,
                                                   and at most waits for in the other
"""

from __future__ import annotations

import os
import sys

import django


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.load.settings")
    django.setup()
    from processes import api
    from processes.catalog.models import ProcessDefinition, ProcessVersion
    from processes.publication.services import publish_now
    from tests.load.drawings import CALLED, CALLING

    for key, bpmn in (("load_called", CALLED), ("load_calling", CALLING)):
        definition, _new = ProcessDefinition.objects.get_or_create(key=key, defaults={"titles": {"en": key}})
        if not definition.versions.exists():
            publish_now(ProcessVersion.objects.create(definition=definition, number=1, bpmn=bpmn, forms={}))
    instances, pause = int(sys.argv[1]), int(sys.argv[2])
    for number in range(instances):
        data = {"number": number, "pause": f"PT{pause}S", "early": f"PT{1 + number * pause // instances}S"}
        api.start("load_calling", data=data, idempotency_key=f"load:{number}")


if __name__ == "__main__":
    main()
