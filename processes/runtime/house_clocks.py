"""What the house says of clocks at first: reasons to stop one, and its ladder, from the file that comes with the product."""

from __future__ import annotations

import tomllib
from pathlib import Path

from django.db import transaction

from processes.runtime.models import HouseRung, PauseReason

SHIPPED = Path(__file__).resolve().parents[2] / "fixtures" / "clocks.toml"


@transaction.atomic
def load_house_clocks(path: Path = SHIPPED) -> None:
    """Take in the reasons and the ladder of a file, each where the house has set nothing of the kind yet."""
    said = tomllib.loads(path.read_text(encoding="utf-8"))
    if not PauseReason.objects.exists():
        PauseReason.objects.bulk_create(
            PauseReason(position=position, **reason) for position, reason in enumerate(said.get("reasons", ()), start=1)
        )
    if not HouseRung.objects.exists():
        HouseRung.objects.bulk_create(HouseRung(**rung) for rung in said.get("ladder", ()))
