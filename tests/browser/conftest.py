"""Our pages in a real Chromium: the machine's own, as none is ever downloaded."""

import os
import shutil
from collections.abc import AsyncIterator
from typing import Any, NoReturn

import pytest
from dependency_injector.providers import Object
from playwright.async_api import Browser, async_playwright

from entrypoints.supervisor.embedded import Urls
from tests.browser.axe import axe_source
from tests.browser.chat import SANDBOX, Chat, Chats, chats_of
from tests.browser.letters import Inbox
from tests.databases import new_database
from tests.http.system import Member, System, settings_for, started

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def missing(what: str) -> NoReturn:
    """Skips the test for want of something that CI has to have."""
    if os.environ.get("CI"):
        pytest.fail(f"CI has no {what}: .ci/run is to install it.")
    pytest.skip(f"NOT TESTED IN A BROWSER: there is no {what}.")


@pytest.fixture(scope="session")
def chromium() -> str:
    """The browser that `CHROMIUM` names, or one that is installed."""
    found = os.environ.get("CHROMIUM") or next((path for name in _NAMES if (path := shutil.which(name))), None)
    return found or missing("Chromium: install it, or name it in CHROMIUM")


@pytest.fixture(scope="session")
def axe(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The source of axe-core."""
    npm = shutil.which("npm") or missing("npm, which brings axe-core")
    return axe_source(npm, tmp_path_factory.mktemp("axe"))


@pytest.fixture(scope="session")
async def browser(chromium: str) -> AsyncIterator[Browser]:
    """One browser for all tests."""
    async with async_playwright() as playwright:
        launched = await playwright.chromium.launch(executable_path=chromium, chromium_sandbox=SANDBOX)
        yield launched
        await launched.close()


@pytest.fixture(scope="session")
async def system(servers: Urls, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[System]:
    """One instance for all tests of the folder.

    It has a database of its own: other folders' workers would make replies that were staged here.
    """
    async with (
        new_database(servers) as url,
        started(settings_for(url, servers.redis, tmp_path_factory.mktemp("home"))) as running,
    ):
        yield running


@pytest.fixture(scope="session")
def inbox(system: System) -> Inbox:
    """What the instance mails."""
    inbox = Inbox()
    ports: Any = system.container.ports
    ports.mailer.override(Object(inbox.mailer))
    return inbox


@pytest.fixture
async def member(system: System) -> Member:
    """A new user with a workspace of their own."""
    return await system.member()


@pytest.fixture
async def chats(browser: Browser) -> AsyncIterator[Chats]:
    """Opens chat pages, which must not have complained when the test ends."""
    async with chats_of(browser) as opener:
        yield opener


@pytest.fixture
async def chat(chats: Chats, system: System) -> Chat:
    """The demo business's chat, just opened."""
    return await chats.open(system.base_url)
