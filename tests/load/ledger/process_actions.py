"""Actions with countable effects: one inside the step's transaction, one outside over HTTP."""

from __future__ import annotations

import json
import os
import time
import urllib.request
from typing import Any

from processes import api
from processes.actions import ActionCall, Param, action
from processes.errors import BpmnError
from tests.load.ledger.models import Entry


@action("load.note", parameters=[Param("step", "text", required=True)])
def note(call: ActionCall) -> None:
    """An entry of the ledger, in the step's own transaction."""
    Entry.objects.create(key=call.key, step=call.inputs["step"], instance=call.instance_id)


@action("load.post", parameters=[Param("step", "text", required=True)], background=True, result="a number")
def post(call: ActionCall) -> Any:
    """A request to the receiver, under the key of the job; a short pause gives a killer time to strike."""
    body = json.dumps({"step": call.inputs["step"], "instance": str(call.instance_id)}).encode()
    asked = urllib.request.Request(
        os.environ["LOAD_RECEIVER"], data=body,
        headers={"Idempotency-Key": call.key, "Content-Type": "application/json"}, method="POST",
    )  # fmt: skip
    with urllib.request.urlopen(asked, timeout=10) as answer:
        number = json.load(answer)["number"]
    time.sleep(0.02)
    return number


@action("load.work", parameters=[], background=True, result="a word")
def work(call: ActionCall) -> str:
    """A job of the workers that takes no time of its own."""
    return "done"


@action("load.tell", parameters=[Param("number", "number", required=True)])
def tell(call: ActionCall) -> None:
    """The message that the other branch waits for."""
    api.message("load.told", correlation=call.inputs["number"], key=call.key)


@action("load.bounce", parameters=[Param("step", "text", required=True)], background=True)
def bounce(call: ActionCall) -> None:
    """A request to the receiver that ends in a business error."""
    post(call)
    raise BpmnError("bounced", "The letter came back.")
