"""What drawings can do with campaigns. The drawing has decided; the services write."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy

from crm_core.marketing import selectors, services
from crm_core.marketing.models import Campaign
from processes import api
from processes.api import gettext as _

P = api.Param


def _campaign(call: api.ActionCall) -> Campaign:
    if call.subject is None or call.subject.type != "campaign":
        raise api.ProcessError(_("“%(action)s” works on a campaign. Draw it in a process about campaigns.") % {"action": call.name})
    return Campaign.objects.select_related("segment").get(pk=call.subject.id)


def _text(call: api.ActionCall, name: str) -> str:
    return str(call.inputs.get(name) or "")


@api.action("campaigns.check", label=gettext_lazy("Check the campaign"), result="checks")
def check(call: api.ActionCall) -> dict[str, Any]:
    """Tells what the brief lacks, how many can be reached, and whom other campaigns speak to at the time."""
    return services.check_campaign(campaign=_campaign(call))


@api.action(
    "campaigns.set_state", label=gettext_lazy("Set the campaign's state"),
    parameters=[P("state", "choice", gettext_lazy("state"), required=True)],
)  # fmt: skip
def set_state(call: api.ActionCall) -> None:
    """Says where the campaign stands."""
    services.set_state(campaign=_campaign(call), state=_text(call, "state"), by=call.user, trusted=True)


@api.action(
    "campaigns.approve", label=gettext_lazy("Approve the campaign as it is"),
    parameters=[P("final", "boolean", gettext_lazy("with its content"), default=False)],
)  # fmt: skip
def approve(call: api.ActionCall) -> None:
    """Approves exactly what the campaign says now and reserves its budget."""
    services.approve(campaign=_campaign(call), final=call.inputs.get("final") is True, by=call.user, trusted=True)


@api.action(
    "campaigns.write_content", label=gettext_lazy("Write the mail"),
    parameters=[
        P("subject_en", "text", gettext_lazy("subject, English"), default=""), P("body_en", "text", gettext_lazy("text, English"), default=""),
        P("subject_zh", "text", gettext_lazy("subject, Chinese"), default=""), P("body_zh", "text", gettext_lazy("text, Chinese"), default=""),
    ],
)  # fmt: skip
def write_content(call: api.ActionCall) -> None:
    """Keeps subject and text of the mail by language."""
    services.write_content(
        campaign=_campaign(call), subjects={"en": _text(call, "subject_en"), "zh-hans": _text(call, "subject_zh")},
        bodies={"en": _text(call, "body_en"), "zh-hans": _text(call, "body_zh")}, by=call.user, trusted=True,
    )  # fmt: skip


@api.action("campaigns.build_list", label=gettext_lazy("Make the list"), result="list_size")
def build_list(call: api.ActionCall) -> int:
    """Writes the members with the control group; gives how many will get the mail."""
    return services.build_list(campaign=_campaign(call), by=call.user, trusted=True)


@api.action("campaigns.send_test", label=gettext_lazy("Send a test"), result="test_address")
def send_test(call: api.ActionCall) -> str:
    """Sends the mail to the campaign's owner."""
    return services.send_test(campaign=_campaign(call), key=call.key, by=call.user, trusted=True)


@api.action("campaigns.gate", label=gettext_lazy("Ask the launch gate"), result="gate")
def gate(call: api.ActionCall) -> dict[str, Any]:
    """Tells whether the approval is there, still holds, and is for what the campaign says now."""
    return services.gate(campaign=_campaign(call)).as_result()


@api.action(
    "campaigns.send_batch", label=gettext_lazy("Send a batch"), result="batch",
    parameters=[P("size", "number", gettext_lazy("at most"), default=200)],
)  # fmt: skip
def send_batch(call: api.ActionCall) -> dict[str, Any]:
    """Hands the next part of the mailing to the outbox; gives what was sent and what is left."""
    return services.send_batch(
        campaign=_campaign(call), size=int(call.inputs["size"]), key=call.key, by=call.user, trusted=True
    ).as_result()


@api.action("campaigns.figures", label=gettext_lazy("Look at the figures"), result="figures")
def figures(call: api.ActionCall) -> dict[str, Any]:
    """Gives what came of the campaign so far: sent, bounced, complained, unsubscribed, answered."""
    return selectors.figures(_campaign(call))


@api.action("campaigns.pause", label=gettext_lazy("Pause the campaign"))
def pause(call: api.ActionCall) -> None:
    """Sends nothing for the time being."""
    services.pause(campaign=_campaign(call), by=call.user, trusted=True)


@api.action("campaigns.resume", label=gettext_lazy("Let the campaign go on"))
def resume(call: api.ActionCall) -> None:
    """Sends on."""
    services.resume(campaign=_campaign(call), by=call.user, trusted=True)


@api.action("campaigns.stop", label=gettext_lazy("Stop the campaign"))
def stop(call: api.ActionCall) -> None:
    """Sends nothing any more."""
    services.stop(campaign=_campaign(call), by=call.user, trusted=True)


@api.action(
    "campaigns.note_outcome", label=gettext_lazy("Note what became of a lead"),
    parameters=[P("lead", "number", gettext_lazy("lead"), required=True), P("outcome", "text", gettext_lazy("outcome"), required=True)],
)  # fmt: skip
def note_outcome(call: api.ActionCall) -> bool:
    """Keeps with the member what became of the lead that they brought (C7)."""
    return services.note_outcome(
        campaign=_campaign(call), lead_id=int(call.inputs["lead"]), outcome=_text(call, "outcome"), by=call.user, trusted=True
    )


@api.action("campaigns.evaluate", label=gettext_lazy("Evaluate the campaign"), result="results")
def evaluate(call: api.ActionCall) -> dict[str, Any]:
    """Works out reached, answered, won, cost and return, against the plan and the control group (B10)."""
    return services.evaluate(campaign=_campaign(call), by=call.user, trusted=True)


@api.action(
    "campaigns.close", label=gettext_lazy("Close the campaign"),
    parameters=[P("lessons", "text", gettext_lazy("lessons"), default="")],
)  # fmt: skip
def close(call: api.ActionCall) -> None:
    """Closes the campaign and keeps what was learned."""
    services.close_campaign(campaign=_campaign(call), lessons=_text(call, "lessons"), by=call.user, trusted=True)
