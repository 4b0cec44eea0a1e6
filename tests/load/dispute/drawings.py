"""The drawings of the load: a dispute, and what is looked into for each booking that it is about.

Flow nodes are rows of the event log, which leave out what only parts or joins the way of one token; so a dispute is drawn
with as many steps as it takes to leave 560 rows. A task is a piece of work: of a service, half of them as background jobs of
the workers, or of a person.
"""

from __future__ import annotations

from dataclasses import replace

from tests.processes.sketch import call, for_each, looped, script, service, sketch, timer, user

BOOKINGS = 50
PAYLOAD = 11_000
"""Characters of text that a dispute carries along."""
ROLE = "load_clerk"


def _fed(what: str, **inputs: str) -> str:
    return what + "".join(f'<redraw:in name="{name}" value="{value}"/>' for name, value in inputs.items())


_look = call("load_booking")
LOOK = looped(replace(_look, ours=_fed(_look.ours, booking="= booking", limit="= limit")), for_each("bookings", item="booking"))

DISPUTE = sketch(
    "Start -> Register -> Look -> Settle -> Pause -> Decide -> End",
    key="load_dispute", Register=script("count(bookings)", result="n"), Look=LOOK, Settle=service("load.note", step="settle"),
    Pause=timer("PT2S"), Decide=user(role=ROLE),
)  # fmt: skip

BOOKING = sketch(
    "Start -> Read -> Large -{amount > limit}-> Ask -> Told -> Weigh", "Large -else-> Weigh",
    "Weigh -> Sum -> Open -{amount > 0}-> Note -> Share -> End", "Open -else-> Share",
    key="load_booking", Read=script("booking.amount", result="amount"), Large="exclusiveGateway", Ask=service("load.work", result="word"),
    Told=script("word", result="told"), Weigh="exclusiveGateway", Sum=script("amount * 2", result="sum"), Open="exclusiveGateway",
    Note=service("load.note", step="note"), Share=script("sum / 2", result="share"),
)  # fmt: skip

DRAWINGS = {"load_booking": BOOKING, "load_dispute": DISPUTE}


def dispute(number: int) -> dict[str, object]:
    """What a dispute begins with."""
    bookings = [{"number": index, "amount": 100 + index} for index in range(BOOKINGS)]
    return {"bookings": bookings, "limit": 50, "number": number, "story": f"{number} " + "paid twice; " * (PAYLOAD // 12)}
