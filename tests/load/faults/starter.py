"""Starts the instances of the run, spread over a time: each once, however often it is asked.

    python -m tests.load.faults.starter INSTANCES SECONDS
"""

from __future__ import annotations

import os
import sys
import time

import django


def main(instances: int, seconds: float) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.load.faults.settings")
    django.setup()
    from django.db import DatabaseError, connection

    from processes import api
    from tests.load.faults.givens import GIVEN

    began = time.monotonic()
    for number in range(instances):
        time.sleep(max(0.02, began + number * seconds / instances - time.monotonic()))
        while True:
            try:
                api.start("faults_root", data={"number": number, **GIVEN}, idempotency_key=f"faults:{number}")
                break
            except DatabaseError:  # it is being restarted
                connection.close()
                time.sleep(0.5)


if __name__ == "__main__":
    main(int(sys.argv[1]), float(sys.argv[2]))
