"""Process tests: recorded, run, removed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from uuid import UUID

if TYPE_CHECKING:
    from processes.rehearsal.testing import TestResult

__all__ = [
    "record_test",
    "remove_test",
    "run_tests",
    "run_waiting_tests",
    "test_from_instance",
    "tests",
]


def record_test(rehearsal_id: UUID, name: str, *, user: Any) -> Mapping[str, Any]:
    """Keep what was done in a rehearsal as a test of the draft: steps, and the way, answers and end that came of them."""
    from processes.rehearsal import testing

    return testing.record(rehearsal_id, name, user=user)


def test_from_instance(instance_id: UUID, name: str, *, user: Any) -> Mapping[str, Any]:
    """Keep a finished run as a test of the draft, without anybody's data; see `processes.rehearsal.from_instance`."""
    from processes.rehearsal import from_instance

    return from_instance.record_from(instance_id, name, user=user)


def tests(key: str, number: int | None, *, user: Any) -> Any:
    """The tests of a version, the newest unless told, with what they expect and how they came out last."""
    from processes.rehearsal import selectors

    return selectors.tests(key, number, user=user)


def run_tests(key: str, number: int, *, user: Any) -> list[TestResult]:
    """Run all tests of a version in a sandbox; for who answers for the process."""
    from processes.rehearsal import selectors

    return selectors.run_tests(key, number, user=user)


def run_waiting_tests(version: Any, *, user: Any, most: int) -> None:
    """Run so many of the tests that were not run yet with the version as it stands; for who answers for the process."""
    from processes.rehearsal import selectors

    selectors.run_waiting_tests(version, user=user, most=most)


def remove_test(key: str, number: int, name: str, *, user: Any) -> None:
    """Take a test away from a draft."""
    from processes.rehearsal import testing

    testing.remove(key, number, name, user=user)
