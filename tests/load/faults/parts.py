"""The processes that the root of the faults run calls: between them every executable element occurs.

Each is passed in one way only, whatever comes first: every element once, but for what `PASSED` says beside it. What
is waited for in vain is called `Never...`, and is taken away as the drawing shows.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tests.load.faults.givens import CLERK
from tests.processes import sketch as sketches
from tests.processes.sketch import (
    CATCH,
    END,
    START,
    THROW,
    Element,
    again_while,
    call,
    conditional,
    element,
    error,
    for_each,
    formal,
    looped,
    message,
    named,
    plain,
    script,
    signal,
    sketch,
    sub,
    timer,
    user,
)

BOTH, ONE, SOME, FIRST = "parallelGateway", "exclusiveGateway", "inclusiveGateway", "eventBasedGateway"
NEVER = timer("P300D")
UNHEARD = signal("faults.unheard")


def work(action: str, tag: str = "serviceTask", **attributes: str) -> Element:
    """A task that tells its action its own name; a job of it counts as dead after three seconds."""
    inner = (
        f'<bpmn:extensionElements><redraw:action name="{action}" retries="50" backoff="PT1S" timeout="PT3S">'
        '<redraw:input name="step" value="@"/></redraw:action></bpmn:extensionElements>'
    )
    return element(tag, inner=inner, **attributes)


def note(**attributes: str) -> Element:
    """An entry of the ledger, in the step's own transaction."""
    return work("load.note", **attributes)


def post(**attributes: str) -> Element:
    """A request to the receiver, made by a worker."""
    return work("load.post", **attributes)


def told(name: str, tag: str = CATCH, *, on: str = "", beside: bool = False) -> Element:
    """A message for the instance of the same number."""
    return message(f"faults.{name}", tag, key="= number", on=on, beside=beside)


def several(tag: str, *events: Element, **more: Any) -> Element:
    """Several events in one, the messages of which are for the instance of the same number."""
    return replace(sketches.several(tag, *events, **more), ours=events[0].ours)


def heard(name: str, tag: str = CATCH, *, on: str = "") -> Element:
    """A signal for all who wait for it, whatever instance throws it."""
    return signal(f"faults.{name}", tag, on=on)


def handler(name: str, start: Element, *, beside: bool = False, then: Element | None = None) -> Element:
    """An event sub-process: its start event, a step `H<name>`, its end."""
    if beside:
        start = replace(start, attributes=(*start.attributes, ("isInterrupting", "false")))
    parts = {f"On{name}": start, f"H{name}": then or note(), f"Over{name}": END}
    return sub(f"On{name} -> H{name} -> Over{name}", more={"triggeredByEvent": "true"}, **parts)


def until(name: str, *steps: Element, **more: Element) -> Element:
    """A sub-process that does some steps and then waits in vain."""
    names = [f"{name}{number}" for number, _step in enumerate(steps, 1)]
    parts = dict(zip(names, steps, strict=True))
    ends = {f"Begin{name}": START, f"Never{name}": NEVER, f"NeverEnd{name}": END}
    return sub(" -> ".join([f"Begin{name}", *names, f"Never{name}", f"NeverEnd{name}"]), **ends, **parts, **more)


TASKS = sketch(
    "Start -> Plain -> Person -> Hand -> Post -> Rule -> Sum -{n > 3}-> Small -> Tell -> Either -> Pair -> End",
    "Sum -else-> NeverLarge -> End", "Small -> Hear -> Either",
    key="faults_tasks", Plain="task", Person=user(role=CLERK),
    Hand=element("manualTask", ours=f'<redraw:task role="{CLERK}"/>'), Post=post(), Sum=script("{n: 2 * n}"), Small=note(),
    Rule=element("businessRuleTask", ours='<redraw:decision key="faults_size" decision="faults_size" result="size" binding="latest"/>'),
    Tell=element("sendTask", ours='<redraw:action name="load.tell"><redraw:input name="number" value="= number"/></redraw:action>'),
    Hear=element("receiveTask", ours='<redraw:correlation key="= number"/>', root='<bpmn:message id="message_load" name="load.told"/>',
                 messageRef="message_load"),
    NeverLarge=NEVER, Either=note(), Pair=note(startQuantity="2"),
)  # fmt: skip

GATES = sketch(
    "Start -> Choice -{number >= 0}-> Go -> Fork -> Pause -> Join -> Some -{number >= 0}-> SomeA -> Meet -> Three",
    "Choice -else-> NeverChosen -> Go", "Fork -> Post -> Join", "Some -{n > 0}-> SomeB -> Meet", "Some -else-> NeverC -> Meet",
    "Three -> OneOf -> Two -> Out", "Three -> TwoOf -> Two", "Three -> ThreeOf -> Two",
    "In -> Race -> Soon -> Say -> Beyond -> End", "Race -> FirstOf -> Said -> Which -> Beyond", "FirstOf -> NeverLate -> Which",
    key="faults_gates", Choice=ONE, Go=ONE, NeverChosen=NEVER, Fork=BOTH, Join=BOTH, Pause=timer("PT1S"), Post=post(), Some=SOME, Meet=SOME,
    SomeA=note(), SomeB=note(), NeverC=NEVER, Three=BOTH, OneOf=note(), TwoOf=note(), ThreeOf=post(),
    Two=element("complexGateway", inner=formal("activationCondition", "activationCount >= 2")),
    Out=plain("link", THROW, name="On"), In=plain("link", CATCH, name="On"), Race=BOTH, Soon=timer("PT1S"),
    Say=told("said", THROW), FirstOf=FIRST, Said=told("said"), NeverLate=NEVER, Which=ONE, Beyond=BOTH,
)  # fmt: skip

EVENTS = sketch(
    "Start -> Fork -> Pause -> Here -> Alarm -> Say -> Ready -> SayAll -> Up -> Join -> End",
    "Fork -> OnAlarm -> Join", "Fork -> OnReady -> Join", "Fork -> OnAny -> Join", "Fork -> OnAll -> Join",
    key="faults_events", Fork=BOTH, Join=BOTH, Pause=timer("PT2S"), Here=element(THROW), Alarm=heard("alarm", THROW),
    OnAlarm=heard("alarm"), Ready=script("{ready: true}"), OnReady=conditional("ready = true"), Say=told("any", THROW),
    OnAny=several(CATCH, told("any"), UNHEARD), SayAll=several(THROW, told("all", THROW), heard("all", THROW)),
    OnAll=several(CATCH, told("all"), heard("all"), parallel=True), Up=named("escalation", "higher", THROW),
)  # fmt: skip

STEPS = sub(tag="adHocSubProcess", Look=user(role=CLERK), Enough=script("{enough: true}"))
SCOPES = sketch(
    "Start -> When -> Broken -> Raised -> Any -> All -> Called -> Undone -> Booking -> NeverBooked -> End",
    "Off -> Case -> Stopped -> End",
    key="faults_scopes",
    When=until("When", script("{flag: true}"), HandleWhen=handler("When", conditional("flag = true", START))),
    Broken=sub("BeginBad -> Bad", BeginBad=START, Bad=error("broken"), HandleBad=handler("Bad", error("broken", START))),
    Raised=sub("BeginUp -> Up -> Further -> EndUp", BeginUp=START, Up=named("escalation", "up", THROW), Further=note(),
               HandleUp=handler("Up", named("escalation", "up", START), beside=True)),
    Any=until("Any", told("anyone", THROW), HandleAny=handler("Any", several(START, told("anyone", START), UNHEARD))),
    All=until("All", told("everyone", THROW), heard("everyone", THROW),
              HandleAll=handler("All", several(START, told("everyone", START), heard("everyone", START), parallel=True))),
    Called=sub("BeginCalled -> Work -> EndCalled", BeginCalled=START, Work=note(),
               HandleUndo=handler("Undo", plain("compensate", START), then=post())),
    Undone=plain("compensate", THROW),
    Booking=sub("BeginBook -> Book -> Full -{number < 0}-> NeverKept", "Full -else-> Cancel", tag="transaction", BeginBook=START,
                Book=post(), Full=ONE, NeverKept=END, Cancel=plain("cancel", END), OnBook=plain("compensate", "", on="Book"),
                Unbook=post(isForCompensation="true")),
    NeverBooked="task", Off=plain("cancel", "", on="Booking"),
    Case=replace(STEPS, inner=STEPS.inner + formal("completionCondition", "enough = true")),
    Stopped=sub("BeginStop -> Both -> Stop", "Both -> NeverStop -> NeverEndStop", BeginStop=START, Both=BOTH, Stop=plain("terminate", END), NeverStop=NEVER, NeverEndStop=END),
).replace(
    "</bpmn:transaction>",
    '<bpmn:association id="Tie" associationDirection="One" sourceRef="OnBook" targetRef="Unbook"/></bpmn:transaction>',
)  # fmt: skip

BORDERS = sketch(
    "Start -> Told", "OnTold -> Heard", "OnHeard -> When", "OnWhen -> Late -> Bounce", "OnLate -> Enough -> EndLate",
    *(f"{host} -> NeverEnd" for host in ("Told", "Heard", "When", "Bounce", "Failing", "AnyOf", "AllOf")),
    "OnBounce -> Failing", "OnFailing -> Rises -> AnyOf", "OnRise -> Boss -> EndBoss", "OnAny -> AllOf", "OnAll -> Last -> End",
    key="faults_borders", NeverEnd=END,
    Told=until("Told", told("border", THROW)), OnTold=told("border", on="Told"),
    Heard=until("Heard", heard("border", THROW)), OnHeard=heard("border", on="Heard"),
    When=until("When", script("{over: true}")), OnWhen=conditional("over = true", on="When"),
    Late=element("receiveTask", ours='<redraw:correlation key="= number"/>', root='<bpmn:message id="message_enough" name="faults.enough"/>',
                 messageRef="message_enough"),
    OnLate=timer("PT1S", on="Late", beside=True), Enough=message("faults.enough", THROW, key="= number"),
    Bounce=work("load.bounce"), OnBounce=error("bounced", on="Bounce"),
    Failing=call("faults_failing"), OnFailing=error("failed", on="Failing"),
    Rises=sub("BeginRise -> Rise -> Go -> EndGo", BeginRise=START, Rise=named("escalation", "high", THROW), Go=note()),
    OnRise=named("escalation", "high", on="Rises", beside=True), Boss=note(),
    AnyOf=until("AnyOf", told("oneof", THROW)), OnAny=several("boundaryEvent", told("oneof"), UNHEARD, on="AnyOf"),
    AllOf=until("AllOf", told("allof", THROW), heard("allof", THROW)),
    OnAll=several("boundaryEvent", told("allof"), heard("allof"), parallel=True, on="AllOf"), Last=note(),
)  # fmt: skip

ENDS = sketch(
    "Start -> Post -> Undo -> Fork -> EndMessage", "Fork -> EndSignal", "Fork -> EndRaised", "Fork -> EndAll", "Fork -> Chase -> End",
    key="faults_ends", Post=post(), Fork=BOTH, Chase=timer("PT1S"), EndMessage=message("faults.begin", END),
    EndSignal=signal("faults.beginall", END), EndRaised=named("escalation", "unheard", END),
    EndAll=several(END, message("faults.begin", END), signal("faults.beginall", END)),
    Undo=sub("BeginUndo -> Pack -> EndUndo", BeginUndo=START, Pack=post(), OnPack=plain("compensate", "", on="Pack"),
             Unpack=post(isForCompensation="true"), EndUndo=plain("compensate", END)),
).replace("</bpmn:subProcess>",
          '<bpmn:association id="Tie" associationDirection="One" sourceRef="OnPack" targetRef="Unpack"/></bpmn:subProcess>')  # fmt: skip

LOOPS = sketch(
    "Start -> Fork -> People -> Join -> End", "Fork -> Calls -> Join", "Fork -> Posts -> InTurn -> Again -> Join",
    key="faults_loops", Fork=BOTH, Join=BOTH,
    People=looped(user(role=CLERK), for_each("[1, 2]")), Calls=looped(call("faults_leaf"), for_each("[1, 2, 3]")),
    Posts=looped(post(), for_each("[1, 2]")), InTurn=looped(post(), for_each("[1, 2]", sequential=True)),
    Again=looped(script("{round: round + 1}"), again_while("round < 3")),
)  # fmt: skip

LEAF = sketch("Start -> Post -> End", key="faults_leaf", Post=post())
FAILING = sketch("Start -> Post -> Failed", key="faults_failing", Post=post(), Failed=error("failed"))
ENDING = sketch("Start -> Fork -> Post -> Stop", "Fork -> NeverHere -> NeverEnd", key="faults_ending", Fork=BOTH, Post=post(),
                Stop=plain("terminate", END), NeverHere=NEVER, NeverEnd=END)  # fmt: skip
ASKED = sketch("Start -> Note -> End", key="faults_asked", Start=message("faults.begin", START), Note=note())
ALARMED = sketch("Start -> Note -> End", key="faults_alarmed", Start=signal("faults.beginall", START), Note=note())
TICKS = 10
TICKING = sketch("Start -> Note -> End", key="faults_ticking", Start=timer(f"R{TICKS}/PT3S", START, kind="timeCycle"), Note=note())
