"""The studio in a browser: how long a huge drawing takes to open and to be checked, beside the shipped one.

A drawing of thousands of elements is saved as a draft of a shipped process, through the page's own addresses,
on the product with its workers. Opening is from the click to the moment at which the drawing stands and can be worked on;
checking is from a change to the findings on the page, the pause in which the editor waits for more with it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from tests.bench.drawings import HEAD, TAIL

if TYPE_CHECKING:
    from playwright.sync_api import Page

KEY, OWNER = "opportunity_stages", "gao.jing"
SIZES = (2000, 4000)
"""Elements of the huge drawings: nodes and flows."""
BLOCK = 11
"""Elements of a part of it: five nodes and the six flows between them."""
ROUNDS = 5
LAST = "name => Math.max(0, ...performance.getEntriesByName(name).map(mark => mark.startTime))"
"""When the page marked something for the last time."""


def run() -> dict[str, float]:
    """Measure in a process of its own, print what was found, give the figures; nothing without a browser."""
    if not os.environ.get("REDRAW_TEST_CHROMIUM"):
        print("The studio is measured in Chromium, which is not here.")
        return {}
    command = [sys.executable, "-m", "tests.bench.studio"]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    print("The studio in a browser, median of", ROUNDS)
    for name, seconds in found.items():
        print(f"  {name:<28}{seconds:8.2f} s")
    print()
    return found


def main() -> None:
    from playwright.sync_api import sync_playwright

    from tests.browser.product import build, serving
    from tests.browser.screenshots import sign_in

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        build(folder, days=1)
        with serving(folder) as address, sync_playwright() as play:
            browser = play.chromium.launch(
                executable_path=os.environ["REDRAW_TEST_CHROMIUM"], args=["--no-sandbox", "--disable-gpu"]
            )
            page = browser.new_context(base_url=address, viewport={"width": 1280, "height": 800}).new_page()
            page.set_default_timeout(120_000)
            sign_in(page, address, OWNER)
            page.goto(f"/processes/{KEY}/")
            page.locator(f"form[action='/processes/{KEY}/redraw/'] button").click()
            figures = measured(page, "shipped")
            for elements in SIZES:
                save(page, huge(elements))
                figures |= measured(page, str(elements))
            browser.close()
    print(json.dumps(figures))


def measured(page: Page, name: str) -> dict[str, float]:
    """Seconds to open the drawing that the draft holds, and to have it checked after a change."""
    opened, checked = [], []
    for number in range(ROUNDS + 1):  # the first one warms
        began = time.perf_counter()
        page.goto(f"/processes/{KEY}/studio/")
        page.wait_for_function("() => performance.getEntriesByName('drawing-stands').length")
        spent = time.perf_counter() - began
        page.locator("html.studio-ready").wait_for(state="attached")
        page.locator("[data-field=name] textarea").fill(f"Round {number}")
        page.locator("[data-field=name] textarea").press("Tab")
        page.wait_for_function(f"() => ({LAST})('drawing-checked') > ({LAST})('drawing-changed')")
        if number:
            opened.append(spent)
            checked.append(page.evaluate(f"() => (({LAST})('drawing-checked') - ({LAST})('drawing-changed')) / 1000"))
    return {f"studio.open_{name}_s": median(opened), f"studio.lint_{name}_s": median(checked)}


def save(page: Page, drawing: str) -> None:
    """Put a drawing into the draft that the page shows."""
    said = page.evaluate(
        """async (content) => {
          const settings = JSON.parse(document.querySelector('#studio-settings').textContent);
          const stands = await (await fetch(settings.partUrl + '?part=drawing')).json();
          const body = new FormData();
          for (const [name, value] of Object.entries({part: 'drawing', content, revision: stands.revision})) body.set(name, value);
          body.set('csrfmiddlewaretoken', document.querySelector('[name=csrfmiddlewaretoken]').value);
          const answer = await fetch(settings.partUrl, {method: 'POST', body});
          return answer.ok ? '' : await answer.text();
        }""",
        drawing,
    )
    if said:
        raise RuntimeError(said)


def huge(elements: int) -> str:
    """A drawing of so many elements with its layout: work, a choice of two actions, where they meet, and so on."""
    from processes.bpmn import parse, write
    from processes.bpmn.layout import lay_out

    blocks = elements // BLOCK
    body, last = "", "Start"
    for n in range(blocks):
        body += (
            f'<bpmn:userTask id="Ask{n}" name="Look at part {n}"><bpmn:extensionElements><redraw:task role="seller" limit="P1D"'
            ' limitTime="working"/></bpmn:extensionElements></bpmn:userTask>'
            f'<bpmn:exclusiveGateway id="Choice{n}" name="Good?" default="No{n}"/>'
            + "".join(f'<bpmn:manualTask id="{way}{n}" name="{way} {n}"/>' for way in ("Send", "Drop"))
            + f'<bpmn:exclusiveGateway id="Meet{n}"/>'
            + flow(last, f"Ask{n}") + flow(f"Ask{n}", f"Choice{n}")
            + f'<bpmn:sequenceFlow id="Yes{n}" sourceRef="Choice{n}" targetRef="Send{n}"><bpmn:conditionExpression'
            ' xsi:type="bpmn:tFormalExpression">= subject.amount &gt; 10</bpmn:conditionExpression></bpmn:sequenceFlow>'
            f'<bpmn:sequenceFlow id="No{n}" sourceRef="Choice{n}" targetRef="Drop{n}"/>'
            + flow(f"Send{n}", f"Meet{n}") + flow(f"Drop{n}", f"Meet{n}")
        )  # fmt: skip
        last = f"Meet{n}"
    text = HEAD.format(key=KEY) + body + flow(last, "End") + TAIL
    return write(lay_out(parse(text))).decode()


def flow(source: str, target: str) -> str:
    return f'<bpmn:sequenceFlow id="F_{source}_{target}" sourceRef="{source}" targetRef="{target}"/>'


if __name__ == "__main__":
    main()
