"""What every page must keep: no overflow, no untranslated string, no error in the console, no refusal of the
content policy, nothing serious found by axe-core."""

from __future__ import annotations

import re
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import django
from babel.messages.pofile import read_po
from playwright.sync_api import ConsoleMessage, Page

from config.env import BASE_DIR

AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
SERIOUS = {"serious", "critical"}
_WORD = re.compile(r"[A-Za-z]{3,}")

_TEXTS = """() => {
  const found = new Set();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode, host = node.parentElement;
    if (!host || host.closest('script,style,noscript,code,pre,[lang],[data-as-written],svg')) continue;
    if (!host.checkVisibility || !host.checkVisibility()) continue;
    const text = node.textContent.replace(/\\s+/g, ' ').trim();
    if (text) found.add(text);
  }
  for (const host of document.querySelectorAll('[placeholder],[title],[aria-label]')) {
    if (host.closest('[lang],[data-as-written],svg')) continue;
    for (const name of ['placeholder', 'title', 'aria-label']) {
      const text = (host.getAttribute(name) || '').replace(/\\s+/g, ' ').trim();
      if (text) found.add(text);
    }
  }
  return [...found];
}"""

_OVERFLOW = """() => {
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= width) return [];
  const wide = [...document.body.querySelectorAll('*')].filter(e => e.getBoundingClientRect().right > width + 1);
  return wide.slice(0, 3).map(e => e.tagName.toLowerCase() + '.' + e.className).concat(
    wide.length ? [] : ['the page itself']);
}"""


@lru_cache(maxsize=1)
def english_strings() -> frozenset[str]:
    """Every English source string that has, or should have, a Chinese translation: ours and Django's."""
    catalogues = [path for package in ("processes", "crm_core", "admin_ext") for path in (BASE_DIR / package).glob("locale/zh_Hans/**/*.po")]
    stock = Path(django.__file__).parent
    catalogues += stock.glob("conf/locale/zh_Hans/**/django.po")
    catalogues += stock.glob("contrib/*/locale/zh_Hans/**/django.po")
    strings: set[str] = set()
    for path in catalogues:
        with path.open("rb") as lines:
            for message in read_po(lines, locale="zh_Hans"):
                sources = message.id if isinstance(message.id, tuple) else (message.id,)
                given = message.string if isinstance(message.string, tuple) else (message.string,)
                if (given and given[0] not in sources) or not given or not given[0]:
                    strings.update(source.strip() for source in sources if _WORD.search(source))
    return frozenset(strings)


class Audit:
    """Watches a page while it is used; `problems` says in sentences what was found."""

    def __init__(self, page: Page, language: str) -> None:
        self.page = page
        self.language = language
        self.problems: list[str] = []
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.problems.append(f"script error: {error}"))
        page.on("response", self._response)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.problems.append(f"console: {message.text[:300]}")

    def _response(self, response: Any) -> None:
        if response.status >= 500:
            self.problems.append(f"{response.status} from {response.url}")

    def look(self, name: str) -> None:
        """Check the page as it stands."""
        for what in self.page.evaluate(_OVERFLOW):
            self.problems.append(f"{name}: wider than the screen at {what}")
        if self.language != "en":
            for text in self.page.evaluate(_TEXTS):
                if text in english_strings():
                    self.problems.append(f"{name}: not translated: “{text}”")
        self.page.evaluate(AXE)
        found = self.page.evaluate("() => axe.run(document, {resultTypes: ['violations']})")
        for violation in found["violations"]:
            if violation["impact"] in SERIOUS:
                where = "; ".join(str(node["target"][0]) for node in violation["nodes"][:3])
                self.problems.append(f"{name}: {violation['id']} ({violation['help']}) at {where}")
