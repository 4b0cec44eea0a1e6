"""What happens to the house, in an order that the seed decides."""

from __future__ import annotations

import random
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from tests.load.faults.apps import jump
from tests.load.faults.house import House
from tests.load.faults.servers import Server

DECK = ("web",) * 4 + ("background workers",) * 4 + ("dispatcher", "second dispatcher") * 2 + ("broker",) * 2 + ("database",) * 2 + ("clock",) * 3
FORWARD, BACK = (60.0, 1200.0), (5.0, 30.0)
"""Seconds by which the clock jumps: far ahead, so that timers and leases end too early, and a little back."""


@dataclass
class Mishaps:
    """Faults, each chosen and done by the seed; `happened` counts them."""

    house: House
    server: Server
    clock: Path
    chosen: random.Random
    happened: Counter[str] = field(default_factory=Counter)
    offset: float = 0.0
    furthest: float = 0.0
    emptied: int = 0
    _deck: list[str] = field(default_factory=list)

    def next(self) -> None:
        """Let the next thing happen. Every kind has come once a deck is through."""
        if not self._deck:
            self._deck = list(DECK)
            self.chosen.shuffle(self._deck)
        name = self._deck.pop()
        if name == "broker":
            self._empty_broker()
        elif name == "database":
            self.happened[self.server.restart(self.chosen)] += 1
        elif name == "clock":
            self._jump()
        else:
            self.house.kill(name, self.chosen)
            self.happened[f"{name.removeprefix('second ')} killed"] += 1

    def _empty_broker(self) -> None:
        ((waiting,),) = self.house.rows("SELECT count(*) FROM django_q_ormq")
        self.house.rows("DELETE FROM django_q_ormq")
        self.emptied += waiting
        self.happened["broker emptied"] += 1

    def _jump(self) -> None:
        back = self.offset > BACK[1] and self.chosen.random() < 0.5
        self._to(self.offset - self.chosen.uniform(*BACK) if back else self.offset + self.chosen.uniform(*FORWARD))
        self.happened["clock put back" if back else "clock put forward"] += 1

    def _to(self, offset: float) -> None:
        jump(self.clock, offset)
        self.offset, self.furthest = offset, max(self.furthest, offset)

    def over(self) -> None:
        """No more of it: what waits for a moment that the clock has left again must not wait for it in vain."""
        self._to(self.furthest + 60.0)

    def during(self, seconds: float, least: int, every: tuple[float, float]) -> None:
        """Let things happen for so long, and no fewer than `least`."""
        until = time.monotonic() + seconds
        while time.monotonic() < until or sum(self.happened.values()) < least:
            time.sleep(self.chosen.uniform(*every))
            self.next()
            self.house.keep()
        self.over()
