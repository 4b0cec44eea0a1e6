"""One drawing through the engine and through the reference at once."""

from __future__ import annotations

from typing import Any

from processes import api
from processes.bpmn import parse
from tests.processes.runtime.engine_room import Play, drawn, forget
from tests.processes.token_game.drawings import Drawing, Pick
from tests.processes.token_game.game import Game, State, by_data

LONGEST = 12


class Disagreement(AssertionError):
    """The engine is where no reading of the standard can be."""


class Course:
    """An instance, and the states that the reference allows it to be in."""

    def __init__(self, drawing: Drawing, values: dict[str, Any]) -> None:
        self.drawing = drawing
        self.model = parse(drawing.bpmn)
        self.told: list[str] = [f"start {values}"]
        self.game = Game(self.model, by_data(values))
        self.play = Play(drawn(drawing.bpmn), **values)
        self.state = self._agree(self.game.start())

    def happen(self, event: str, values: dict[str, Any]) -> None:
        """Finish a task with values for the choices behind it, or let an event happen."""
        self.told.append(f"{event} {values}")
        if self.model.nodes[event].kind == "userTask":
            self.game = Game(self.model, by_data(values))
            self.play.do(event, **values)
        else:
            api.signal(event)
            forget()
            api.drain()
        self.state = self._agree(self.game.happen(self.state, event))

    def _agree(self, allowed: set[State]) -> State:
        seen = (self.play.waits, self.play.armed, self.play.outcome)
        for state in sorted(allowed, key=repr):
            if seen == (self.game.resting(state.items), self.game.armed(state), state.outcome):
                return state
        expected = [(self.game.resting(s.items), self.game.armed(s), s.outcome) for s in sorted(allowed, key=repr)]
        raise Disagreement(
            f"After {self.told}\nthe engine rests at {seen},\nthe standard allows {expected}.\n{self.drawing.bpmn}"
        )


def compare(drawing: Drawing, pick: Pick) -> None:
    """Run a drawing on a random schedule, to its end or for a while. Disagreement says where the two part."""
    values = drawing.values(pick)
    course = Course(drawing, values)
    for _step in range(LONGEST):
        events = sorted(e for e in course.game.events(course.state) if _is_clear(course, e))
        if not events:
            return
        event = events[pick(len(events))]
        if course.model.nodes[event].kind == "userTask":
            values = drawing.values(pick)
        course.happen(event, values)


def _is_clear(course: Course, event: str) -> bool:
    """A signal reaches everybody who waits for it; here one thing happens at a time."""
    return course.model.nodes[event].kind == "userTask" or list(course.game._events(course.state.items)).count(event) == 1
