"""`make screenshots`: every main page at two widths in two languages into build/screenshots/, and what is wrong with it.

Ends with an error when a page is wider than its screen, says something untranslated, reports an error to the
console, is refused something by its content policy, or has a serious finding of axe-core.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from config.env import BASE_DIR
from tests.browser.product import build, serving

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from tests.browser.pages import Shown

OUT = BASE_DIR / "build" / "screenshots"
WIDTHS = {1280: 800, 360: 740}
LANGUAGES = {"en": "en-GB", "zh-hans": "zh-CN"}
DARK = ("inbox", "account", "process-complaint", "list-accounts", "contact")
SLOW_MS = 300


class Round:
    """One walk over the pages in one language, at one width, in one colour scheme."""

    def __init__(self, address: str, data: frozenset[str], only: list[str]) -> None:
        self.address = address
        self.data = data
        self.only = only
        self.problems: list[str] = []
        self.untranslated: list[tuple[str, str]] = []
        self.times: list[tuple[float, str]] = []

    def walk(self, browser: Browser, pages: list[Shown], *, language: str, width: int, dark: bool = False) -> None:
        """Open every page, look at it, and take its picture."""
        for user in dict.fromkeys(page.user for page in pages):
            context = browser.new_context(
                viewport={"width": width, "height": WIDTHS[width]}, locale=LANGUAGES[language], device_scale_factor=1,
                timezone_id="Asia/Shanghai", color_scheme="dark" if dark else "light", reduced_motion="reduce",
            )  # fmt: skip
            context.add_cookies([{"name": "django_language", "value": language, "url": self.address}])
            tab = context.new_page()
            if user:
                sign_in(tab, self.address, user)
            for shown in (page for page in pages if page.user == user):
                if not self.only or any(part in shown.name for part in self.only):
                    self._take(tab, shown, language, width, dark)
            context.close()

    def _take(self, tab: Any, shown: Shown, language: str, width: int, dark: bool) -> None:
        from tests.browser.audit import Audit

        name = f"{shown.name}-{width}-{'en' if language == 'en' else 'zh'}{'-dark' if dark else ''}"
        audit = Audit(tab, language, self.data)
        audit.name = name
        answer = tab.goto(self.address + shown.path)
        tab.wait_for_load_state("networkidle")
        if answer.status != 200:
            self.problems.append(f"{name}: answered {answer.status}")
        timing = answer.request.timing
        self.times.append((timing["responseStart"] - timing["requestStart"], name))
        tab.screenshot(path=OUT / f"{name}.png", full_page=True)
        audit.look(name)
        audit.close()
        self.problems.extend(audit.problems)
        self.untranslated.extend(audit.untranslated)


def sign_in(tab: Any, address: str, user: str) -> None:
    """Sign in with the password that every demo user has."""
    from crm_core.demo.company import Company

    password = Company(BASE_DIR / "fixtures/demo/company.toml").data["company"]["password"]
    tab.goto(f"{address}/admin/login/?next=/")
    tab.fill("input[name=username]", user)
    tab.fill("input[name=password]", password)
    tab.press("input[name=password]", "Enter")
    tab.wait_for_url("**/inbox/**")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", type=Path, help="a SQLite file with data (a copy is used); else a short demo is built")
    parser.add_argument("--days", type=int, default=12, help="how many days the demo is lived through")
    parser.add_argument("--only", nargs="*", default=[], help="parts of the names of the pages to look at")
    options = parser.parse_args()
    shutil.rmtree(OUT, ignore_errors=True)
    OUT.mkdir(parents=True)
    with tempfile.TemporaryDirectory(prefix="redraw-pictures-") as name:
        folder = Path(name)
        env = build(folder, days=options.days, copy_of=options.database)
        os.environ.update(env)
        with serving(folder) as address:
            return look(address, options.only)


def look(address: str, only: list[str]) -> int:
    """Walk over all pages and say what was found; 1 when anything is wrong."""
    import django

    django.setup()
    from playwright.sync_api import sync_playwright

    from tests.browser.latin import data_texts
    from tests.browser.pages import all_pages

    pages, walk = all_pages(), Round(address, data_texts(), only)
    with sync_playwright() as play:
        browser = play.chromium.launch(
            executable_path=os.environ.get("REDRAW_TEST_CHROMIUM", "/usr/bin/chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        for language in LANGUAGES:
            for width in WIDTHS:
                walk.walk(browser, pages, language=language, width=width)
        dark = [page for page in pages if page.name in DARK]
        walk.walk(browser, dark, language="en", width=1280, dark=True)
        browser.close()
    return report(walk, len(pages))


def report(walk: Round, pages: int) -> int:
    """Write what was found beside the pictures and print it."""
    lines = sorted({f"{text}\t{name}" for name, text in walk.untranslated})
    (OUT / "untranslated.txt").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    (OUT / "times.txt").write_text("".join(f"{ms:7.0f} ms  {name}\n" for ms, name in sorted(walk.times, reverse=True)))
    problems = list(Counter(walk.problems))
    (OUT / "problems.txt").write_text("".join(f"{line}\n" for line in problems), encoding="utf-8")
    slow = [(ms, name) for ms, name in sorted(walk.times, reverse=True) if ms > SLOW_MS]
    print(f"{len(walk.times)} pictures of {pages} pages in {OUT.relative_to(BASE_DIR)}/.")
    for ms, name in slow:
        print(f"  slow: {name} took the server {ms:.0f} ms")
    for line in problems:
        print(f"  {line}")
    print(f"{len(problems)} problems, {len(lines)} untranslated texts (untranslated.txt).")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
