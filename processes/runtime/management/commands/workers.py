"""`manage.py workers`: django-q2's cluster, which ends as a whole when one of its processes is killed.

Its processes share a queue whose lock a killed process takes with it: the others would wait for it for ever,
alive and idle. So when one dies of a signal, or the process that started them is gone, all end at once, and
whoever supervises this command starts it again. Jobs under way are run again; the engine sees to that.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from typing import Any

from django.core.management.base import BaseCommand
from django_q import cluster

log = logging.getLogger(__name__)

LOOK_EVERY = 1.0


class Guard(cluster.Sentinel):
    """Guards the processes of the cluster."""

    def guard(self) -> None:
        threading.Thread(target=self.watch_parent, daemon=True).start()
        super().guard()

    def watch_parent(self) -> None:
        """End when nobody supervises this cluster any more."""
        while os.getppid() == self.parent_pid:
            time.sleep(LOOK_EVERY)
        self.end_all()

    def reincarnate(self, process: Any) -> None:
        timed_out = process in self.pool and process.timer.value == 0
        if process.exitcode is not None and process.exitcode < 0 and not timed_out:
            log.error("A worker was killed (signal %s); all of them are started again.", -process.exitcode)
            self.end_all()
        super().reincarnate(process)

    def end_all(self) -> None:
        """End every process of the cluster, this one last, without waiting for anything."""
        for process in [*self.pool, self.monitor, self.pusher]:
            if process is not None and process.is_alive():
                process.kill()
        os._exit(1)


class Command(BaseCommand):
    help = "Runs background jobs. Ends with Ctrl-C or a TERM signal; start it again when it ends by itself."

    def handle(self, *args: Any, **options: Any) -> None:
        cluster.Sentinel = Guard  # the cluster takes it from its module
        workers = cluster.Cluster()
        workers.start()
        workers.sentinel.join()
        if workers.sentinel is not None and workers.sentinel.exitcode:
            raise SystemExit(1)
