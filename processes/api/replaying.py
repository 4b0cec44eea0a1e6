"""Decisions that were taken, taken again by another version."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

if TYPE_CHECKING:
    from processes.insight.models import DecisionReplay
    from processes.insight.selectors import CaseSaid, Figures

__all__ = [
    "begin_replay",
    "replay_csv",
    "replay_figures",
    "replayed_cases",
    "replays",
    "stop_replay",
]


def begin_replay(
    key: str, before: int, after: int, *, user: Any, since: datetime | None = None, until: datetime | None = None,
    assumed: Mapping[str, Any] | None = None,
) -> DecisionReplay:  # fmt: skip
    """Decide everything recorded of a decision again, in the background, by another version.

    `assumed` are values for inputs that were not recorded. NotAllowed for who does not answer for the decision.
    """
    from processes.insight import services

    return services.begin(key, before, after, user=user, since=since, until=until, assumed=assumed)


def stop_replay(replay_id: UUID, *, user: Any) -> None:
    """Decide no more; the figures so far stay."""
    from processes.insight import services

    services.stop(replay_id, user=user)


def replays(key: str, *, user: Any) -> list[DecisionReplay]:
    """The last replays of a decision, newest first."""
    from processes.insight import selectors

    return selectors.replays(key, user=user)


def replay_figures(replay_id: UUID, *, user: Any) -> Figures:
    """How far a replay is, and its figures by outcome, by attribute of the customer and by rule, in words."""
    from processes.insight import selectors

    return selectors.figures(replay_id, user=user)


def replayed_cases(replay_id: UUID, *, user: Any, **how: Any) -> list[CaseSaid]:
    """The cases of a replay that the person may see: `verdict`, `attributes`, `behind` and `limit` as the selector."""
    from processes.insight import selectors

    return selectors.cases(replay_id, user=user, **how)


def replay_csv(replay_id: UUID, target: Any, *, user: Any, verdict: str = "") -> int:
    """Write the cases that the person may see as CSV; gives their number."""
    from processes.insight import selectors

    return selectors.write_csv(replay_id, target, user=user, verdict=verdict)
