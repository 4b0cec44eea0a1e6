"""What every page must keep: no overflow, no untranslated string, no error in the console, no refusal of the
content policy, nothing serious found by axe-core."""

from __future__ import annotations

from importlib.resources import files

from playwright.sync_api import ConsoleMessage, Error, Page, Response

from tests.browser.latin import READS, foreign

AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
SERIOUS = {"serious", "critical"}

_OVERFLOW = """() => {
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= width) return [];
  const inside = e => {
    for (let box = e.parentElement; box && box !== document.body; box = box.parentElement)
      if (getComputedStyle(box).overflowX !== 'visible') return true;
    return false;
  };
  const wide = [...document.body.querySelectorAll('*')].filter(
    e => e.getBoundingClientRect().right > width + 1 && !inside(e));
  return wide.slice(0, 3).map(e => e.tagName.toLowerCase() + '.' + e.className).concat(
    wide.length ? [] : ['the page itself']);
}"""


class Audit:
    """Watches a page while it is used. `problems` says in sentences what was found, `untranslated` what a
    Chinese page says in Latin letters, with the page that says it."""

    def __init__(self, page: Page, language: str, data: frozenset[str] = frozenset()) -> None:
        self.page = page
        self.language = language
        self.data = data
        self.problems: list[str] = []
        self.untranslated: list[tuple[str, str]] = []
        self.name = ""
        self._heard = {"console": self._console, "pageerror": self._broken, "response": self._response}
        for event, hear in self._heard.items():
            page.on(event, hear)

    def _console(self, message: ConsoleMessage) -> None:
        # Refusals of the content policy arrive here as errors too.
        if message.type == "error":
            self.problems.append(f"{self.name}: console: {message.text[:300]}")

    def _broken(self, error: Error) -> None:
        self.problems.append(f"{self.name}: script error: {error}")

    def close(self) -> None:
        """Listen no more."""
        for event, hear in self._heard.items():
            self.page.remove_listener(event, hear)

    def _response(self, response: Response) -> None:
        if response.status >= 500:
            self.problems.append(f"{self.name}: {response.status} from {response.url}")

    def look(self, name: str) -> None:
        """Check the page as it stands."""
        self.name = name
        for what in self.page.evaluate(_OVERFLOW):
            self.problems.append(f"{name}: wider than the screen at {what}")
        if self.language != "en":
            # The theme does not mark the data in cells and fields, nor can a form within its own sentences.
            record = "/admin/" in self.page.url
            said = [text for text, filled in self.page.evaluate(READS) if foreign(text, self.data if record or filled else frozenset())]
            self.untranslated.extend((name, text) for text in said)
            self.problems.extend(f"{name}: not translated: “{text[:120]}”" for text in said)
        self.page.evaluate(AXE)
        found = self.page.evaluate("() => axe.run(document, {resultTypes: ['violations']})")
        for violation in found["violations"]:
            if violation["impact"] in SERIOUS:
                where = "; ".join(str(node["target"][0]) for node in violation["nodes"][:3])
                self.problems.append(f"{name}: {violation['id']} ({violation['help']}) at {where}")
