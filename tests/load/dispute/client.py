"""Begins disputes at a steady rate, and does the work of the clerks.

    python -m tests.load.dispute.client RATE SECONDS      RATE is of disputes a second
"""

from __future__ import annotations

import os
import sys
import time

import django

LOOK_EVERY = 0.5


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.load.dispute.settings")
    django.setup()
    from tests.load.dispute.drawings import dispute

    rate, seconds = float(sys.argv[1]), float(sys.argv[2])
    from processes import api

    user = clerk()
    began, number, looked = time.monotonic(), 0, 0.0
    while (now := time.monotonic() - began) < seconds:
        if now >= number / rate:
            api.start("load_dispute", data=dispute(number), idempotency_key=f"dispute:{number}")
            number += 1
        elif now - looked > LOOK_EVERY:
            work(user)
            looked = now
        else:
            time.sleep(0.01)


def clerk() -> object:
    """The person who decides."""
    from django.contrib.auth import get_user_model

    return get_user_model().objects.get(username="clerk")


def work(user: object) -> None:
    """Take and do what lies in the team's inbox."""
    from processes import api

    for item in api.work_for(user, box="teams").items:
        api.claim(item.task_id, user=user)
        api.complete(item.task_id, user=user, data={})


if __name__ == "__main__":
    main()
