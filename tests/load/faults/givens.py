"""Who works in the faults run, and what its instances start with."""

from __future__ import annotations

CLERK = "faults_clerk"
PASSWORD = "quite-a-long-one"
CHIEF, CLERKS = "chief", ("clerk1", "clerk2", "clerk3")
GIVEN = {"n": 3, "round": 0, "ready": False, "flag": False, "over": False, "enough": False}
"""What every instance starts with beside its number."""
