"""The product before a real browser: a company without history on a live server, at a Tuesday morning's clock."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from processes import api, ports
from tests.browser.audit import Audit
from tests.browser.screenshots import LANGUAGES, WIDTHS, sign_in
from tests.stories.house import House


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium, once for all tests of a worker."""
    with sync_playwright() as play:
        # The driver keeps an event loop in this thread, where Django would refuse to touch the database.
        before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
        os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
        browser = play.chromium.launch(
            executable_path=os.environ["REDRAW_TEST_CHROMIUM"], args=["--no-sandbox", "--disable-gpu"]
        )
        yield browser
        browser.close()
        if before is None:
            del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def house(live_server: Any, settings: Any) -> Iterator[House]:
    """A company on a Tuesday morning. The clock is the whole process's, since the server has threads of its own."""
    settings.PROCESS_JOBS = "inline"
    before = ports.clock()
    clock = ports.FixedClock(datetime(2026, 11, 24, 2, 34, tzinfo=UTC))
    ports.install(clock=clock)
    try:
        with api.by_hand():
            yield House(clock)
    finally:
        ports.install(clock=before)


Desk = Callable[..., Any]


@pytest.fixture
def desk(chromium: Browser, live_server: Any) -> Desk:
    """`with desk("li.na", language="zh-hans", width=360) as (page, audit)`: somebody at the pages, watched; without
    a name a customer. What the audit found is asserted at the end."""

    @contextmanager
    def sit(user: str = "", *, language: str = "en", width: int = 1280) -> Iterator[tuple[Page, Audit]]:
        context = chromium.new_context(
            viewport={"width": width, "height": WIDTHS[width]}, locale=LANGUAGES[language], timezone_id="Asia/Shanghai",
            reduced_motion="reduce", base_url=live_server.url,
        )  # fmt: skip
        context.add_cookies([{"name": "django_language", "value": language, "url": live_server.url}])
        context.set_default_timeout(15_000)
        page = context.new_page()
        audit = Audit(page, language)
        if user:
            sign_in(page, live_server.url, user)
        yield page, audit
        for open_page in context.pages:  # what a page still asks must be answered before the tables are emptied
            open_page.wait_for_load_state("networkidle")
        context.close()
        assert audit.problems == [], "\n".join(audit.problems)

    return sit
