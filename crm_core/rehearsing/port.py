"""Fills the engine's port for rehearsals."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crm_core.rehearsing import house, samples
from processes import ports


class RehearsingPort:
    """See `processes.ports.Rehearsing`."""

    def bring(self) -> Any:
        return house.bring()

    def furnish(self, brought: Any) -> None:
        house.furnish(brought)

    def people(self, role: str, count: int) -> list[Any]:
        return house.people(role, count)

    def fields(self, subject_type: str) -> tuple[ports.SampleField, ...]:
        return samples.fields(subject_type)

    def record(self, subject_type: str, values: Mapping[str, Any], *, owner: Any) -> tuple[int, Mapping[str, Any]]:
        return samples.record(subject_type, values, owner=owner)
