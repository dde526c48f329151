"""Fixtures and hooks of all tests: the choice of database, hearings, servers and a real browser."""

from __future__ import annotations

import gc
import logging
import os
import shutil
import signal
from collections.abc import Callable, Generator, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import hypothesis
import pytest
from django.conf import settings
from django.utils import translation
from playwright.sync_api import Browser, Page, expect, sync_playwright

from hemicycle import security_log
from hemicycle.documents.reading import guarded
from tests.support import browser as chromium
from tests.support import database, migrated, stored_files, unconfined
from tests.support.browser import Pages
from tests.support.forker import Forker
from tests.support.mail_peers import Dovecot, Postfix
from tests.support.s3_server import S3Server
from tests.support.site import NO_ENGINE, Site, site_environment

if TYPE_CHECKING:
    from pytest_django import DjangoDbBlocker

    from tests.support.addresses import Place
    from tests.support.finished import Finished
    from tests.support.lists import Convened, World
    from tests.support.shared_hearings import SharedHearing, SharedHearings
    from tests.support.worker import Worker

# Commands use the language of the environment; here it is English on every machine.
os.environ["LC_ALL"] = "C.UTF-8"
# A commit passes or fails in the same way each time, also on a busy machine. `make test-all` tries
# more cases, `make test-random` others.
UNTIMED: dict[str, Any] = {
    "deadline": None,
    "suppress_health_check": [
        hypothesis.HealthCheck.too_slow,
        hypothesis.HealthCheck.function_scoped_fixture,
    ],
}
hypothesis.settings.register_profile("same", derandomize=True, database=None, **UNTIMED)
hypothesis.settings.register_profile(
    "many", hypothesis.settings.get_profile("same"), max_examples=1000
)
hypothesis.settings.register_profile("random", print_blob=True, **UNTIMED)
hypothesis.settings.load_profile("same")

ENVIRONMENT = pytest.StashKey[dict[str, str]]()
"""The environment before any test has changed it."""
SHARED_HEARINGS = pytest.StashKey["SharedHearings"]()
"""The hearings that tests share, set once a test has requested one of them."""
SHARES = pytest.StashKey[bool]()
"""Whether the test that is being set up may use the shared hearings."""
SHELL = pytest.StashKey[bool]()
"""Whether the headless shell of Chromium is enough for all selected tests."""
STORE = pytest.StashKey[S3Server]()
"""The object store with all files of the site, with `--storage=s3`."""
DATABASE_FIXTURES = {"db", "transactional_db"}
BROWSER_FIXTURES = {"browser"}
# `make test-fast` leaves out browsers, servers in processes of their own, and slow tests.
SLOW_FIXTURES = {"browser", "site", "make_worker", "dovecot"}
# These may fail on a machine that stands still for some seconds, so a failed test runs again.
TIMED_MARKS = ("alone", "real_time")
SLOW_MARKS = (*TIMED_MARKS, "slow")
RARE_MARKS = (*TIMED_MARKS, "peers_mail", "postgresql", "test_all")
"""Marks that few tests have, set in their own files: see `pytest_ignore_collect`."""
REASONS = {
    "test_all": frozenset(("packaging", "deployment", "upgrades", "clients", "benches", "held")),
    "postgresql": frozenset(
        (
            "locks",
            "notifications",
            "search",
            "constraints",
            "ordering",
            "json",
            "time",
            "transactions",
        )
    ),
}
"""Why a test runs in `make test-all` alone, and why one runs on PostgreSQL in `make test`."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--database",
        choices=("sqlite", "postgresql", "pgbouncer"),
        default="sqlite",
        help="the database to test on; with postgresql, alone or behind pgbouncer, only those run "
        "whose outcome may differ",
    )
    parser.addoption(
        "--storage",
        choices=("folder", "s3"),
        default="folder",
        help="where the site's files lie; with s3 only those tests run that may store one",
    )
    parser.addoption(
        "--fast",
        action="store_true",
        help="leave out what is slow, and take one test a file of those that use a database",
    )
    parser.addoption(
        "--list-failed",
        type=Path,
        metavar="FILE",
        help="add to this file what failed or ran again, and why, a line for each",
    )
    parser.addoption(
        "--every-language",
        action="store_true",
        help="search the staff's pages for barriers in each language, not in English alone",
    )


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("numprocesses", None) and not hasattr(config, "workerinput"):
        return  # this process hands the tests out to others, which each have a database
    gc.disable()  # until all tests are collected: their objects stay until the end
    # A shell lets its background jobs ignore Ctrl-C; what the tests start would inherit that.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    folder = database.make_folder()
    config.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))
    for name in [name for name in os.environ if name.startswith("HEMICYCLE_")]:
        del os.environ[name]
    os.environ["HEMICYCLE_DEBUG"] = "1"  # static files by their plain names
    os.environ["DJANGO_SETTINGS_MODULE"] = "hemicycle.site.settings"
    database.choose(config.getoption("database"), folder, durable=False)
    if config.getoption("storage") == "s3":
        store = config.stash[STORE] = S3Server(folder / "s3")
        config.add_cleanup(store.stop)
        store.start()
        os.environ.update(stored_files.given(store, stored_files.SITE))
    config.stash[ENVIRONMENT] = dict(os.environ)
    # A database in memory locks differently from a file, which real sites have.
    settings.DATABASES["default"]["TEST"] = {
        "NAME": str(folder / "test.sqlite3")
        if config.getoption("database") == "sqlite"
        else "hemicycle_test"
    }


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave out unread each file that has no test with the rare mark which was asked for.

    Reading all files takes eight seconds of a processor, and a run of all tests consists of six
    runs.
    """
    first, *others = str(config.option.markexpr).split() or [""]
    if first not in RARE_MARKS or "or" in others or collection_path.suffix != ".py":
        return None
    return None if f"mark.{first}" in collection_path.read_text("utf-8") else True


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """Keep the garbage collector from examining all collected tests again and again.

    Keep the log's stream, too, when a command that a test calls sets Django up once more: while a
    test captures the output, the new stream would be the captured one, which closes after it.
    """
    gc.collect()
    gc.freeze()
    gc.enable()
    settings.LOGGING_CONFIG = None


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection_modifyitems(
    config: pytest.Config, items: list[pytest.Item]
) -> Generator[None]:
    for item in items:
        _check_reasons(item)
        if _is_slow(item):
            item.add_marker("slow")
        if _uses_browser(item) or any(map(item.get_closest_marker, TIMED_MARKS)):
            item.add_marker(pytest.mark.flaky(reruns=1))
    yield  # tests are selected by their marks here, and sorted by the database that they need
    items.sort(key=_uses_browser)  # each process starts Chromium as late as it can
    if config.getoption("database") != "sqlite":
        _keep(config, items, [item for item in items if _may_differ(item)])
    if config.getoption("storage") == "s3":
        _keep(config, items, [item for item in items if _uses_database(item)])
    if config.getoption("fast"):
        _keep(config, items, sorted(_quick(items), key=_shared))
    config.stash[SHELL] = not any(map(_needs_whole_browser, items))


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    listed: Path | None = config.getoption("list_failed")
    if listed is None or hasattr(config, "workerinput"):  # a worker's reports also come here
        return
    stats = terminalreporter.stats
    on = config.getoption("database")
    with listed.open("a") as file:
        for outcome in ("failed", "error", "rerun"):
            for report in stats.get(outcome, ()):
                crash = getattr(report.longrepr, "reprcrash", None)
                why = crash.message if crash else report.longreprtext.strip()[-600:]
                shown = " ".join(why.split())[:600]
                file.write(f"{outcome}, {on}: {report.nodeid} ({report.when}): {shown}\n")


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    item.config.stash[SHARES] = not _uses_browser(item) and not _commits(item)
    shared = item.config.stash.get(SHARED_HEARINGS, None)
    if shared is not None:
        with chromium.without_loop():
            shared.follow(getattr(item, "fixturenames", ()))


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    if _uses_browser(item):
        return (yield)
    with chromium.without_loop():
        return (yield)


def _check_reasons(item: pytest.Item) -> None:
    """Refuse a mark whose reason is none of CONTRIBUTING's, or names no test."""
    for name, reasons in REASONS.items():
        for mark in item.iter_markers(name):
            path, _, test = mark.kwargs.get("by", "").partition("::")
            if set(mark.args) - reasons or not mark.args or (path == "") == ("held" in mark.args):
                raise pytest.UsageError(f"{item.nodeid}: {name} has another reason: {mark}")
            if path and f"def {test}(" not in (item.config.rootpath / path).read_text("utf-8"):
                raise pytest.UsageError(f"{item.nodeid}: there is no {path}::{test}")


def _keep(config: pytest.Config, items: list[pytest.Item], chosen: list[pytest.Item]) -> None:
    kept = set(chosen)
    config.hook.pytest_deselected(items=[item for item in items if item not in kept])
    items[:] = chosen


def _quick(items: list[pytest.Item]) -> Iterator[pytest.Item]:
    """Yield the tests that are not slow; of a file's tests with a database, only the first."""
    begun = set()
    for item in items:
        if item.get_closest_marker("slow"):
            continue
        if _uses_database(item):
            if item.path in begun:
                continue
            begun.add(item.path)
        yield item


def _shared(item: pytest.Item) -> str:
    """Return the fixture of the shared hearing that a test uses, or "", as a key for sorting."""
    if _commits(item):
        return "~"  # after all others, as pytest-django sorts
    names: Sequence[str] = getattr(item, "fixturenames", ())
    shared = (name for name in names if name.startswith("shared_"))
    return next((name for name in shared if name != "shared_hearings"), "")


def _is_slow(item: pytest.Item) -> bool:
    marked = any(item.get_closest_marker(name) for name in SLOW_MARKS)
    return marked or not SLOW_FIXTURES.isdisjoint(getattr(item, "fixturenames", ()))


def _uses_browser(item: pytest.Item) -> bool:
    return not BROWSER_FIXTURES.isdisjoint(getattr(item, "fixturenames", ()))


def _needs_whole_browser(item: pytest.Item) -> bool:
    """Return whether a test plays or records a meeting, which needs a browser with a window."""
    marks = ("alone", "real_time")
    return _uses_browser(item) and any(map(item.get_closest_marker, marks))


def _commits(item: pytest.Item) -> bool:
    """Return whether a test commits its transactions, so that other processes see them."""
    marked = item.get_closest_marker("django_db")
    return "transactional_db" in getattr(item, "fixturenames", ()) or bool(
        marked and marked.kwargs.get("transaction")
    )


def _may_differ(item: pytest.Item) -> bool:
    """Return whether the result of a test may differ on another database."""
    is_same = _uses_browser(item) or item.get_closest_marker("any_database") is not None
    return _uses_database(item) and not is_same


def _uses_database(item: pytest.Item) -> bool:
    fixtures = getattr(item, "fixturenames", ())
    return item.get_closest_marker("django_db") is not None or not DATABASE_FIXTURES.isdisjoint(
        fixtures
    )


@pytest.fixture(scope="session")
def django_db_keepdb(
    django_db_keepdb: bool, django_db_modify_db_settings: None, pytestconfig: pytest.Config
) -> bool:
    """Whether the test database exists already, because an earlier process has migrated it."""
    name = settings.DATABASES["default"]["TEST"]["NAME"]
    match pytestconfig.getoption("database"):
        case "sqlite":
            return migrated.put(Path(name))
        case "postgresql":
            return migrated.restore(name)
    return django_db_keepdb


@pytest.fixture(scope="session")
def django_db_setup(
    django_db_keepdb: bool,
    django_db_setup: None,
    django_db_blocker: DjangoDbBlocker,
    pytestconfig: pytest.Config,
) -> Iterator[None]:
    """The test database, with tables that are emptied quickly after a test."""
    from tests.support import emptying  # Django is set up by now

    name = settings.DATABASES["default"]["NAME"]
    match pytestconfig.getoption("database"), django_db_keepdb:
        case "sqlite", False:
            migrated.keep(Path(name))
        case "postgresql", False:
            migrated.dump(name)
    with django_db_blocker.unblock():
        emptying.be_quick()
    yield
    database.let_go(str(name))


@pytest.fixture(autouse=True)
def records_may_go(request: pytest.FixtureRequest) -> Iterator[None]:
    """Delete the heads of records before tables are emptied, since they protect the entries."""
    marker = request.node.get_closest_marker("django_db")
    emptied = "transactional_db" in request.fixturenames or (
        marker is not None and marker.kwargs.get("transaction", False)
    )
    if not emptied:
        yield
        return
    request.getfixturevalue("transactional_db")
    yield
    from hemicycle.record.models import Head  # Django is set up by now

    Head.objects.all().delete()


@pytest.fixture(autouse=True)
def nobody_has_asked_yet() -> None:
    """Reset the rate limits that the process remembers from the test before."""
    from hemicycle.hearing.people import limits  # Django is set up by now

    limits.forget()


@pytest.fixture(autouse=True)
def workers_in_this_process(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Read files in this process, unless the test is about the confined one."""
    if not request.node.get_closest_marker("confined"):
        monkeypatch.setattr(guarded, "run", unconfined.run)


@pytest.fixture(autouse=True)
def the_language_is_left_again() -> Iterator[None]:
    """Reset the language of this thread, which a page in another language leaves active."""
    yield
    translation.deactivate()


@pytest.fixture(scope="session")
def shared_hearings(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, pytestconfig: pytest.Config
) -> Iterator[SharedHearings]:
    """The hearings that tests share; `pytest_runtest_setup` opens and closes each of them."""
    from tests.support.shared_hearings import SharedHearings  # Django is set up by now

    stash = pytestconfig.stash
    stash[SHARED_HEARINGS] = SharedHearings(django_db_blocker, lambda: stash[SHARES])
    yield stash[SHARED_HEARINGS]
    with chromium.without_loop():
        stash[SHARED_HEARINGS].follow(())


@pytest.fixture(scope="session")
def shared_world(shared_hearings: SharedHearings) -> SharedHearing[Convened]:
    """The shared hearing that `world` copies."""
    from tests.support.lists import convened  # Django is set up by now

    return shared_hearings.add("shared_world", convened)


@pytest.fixture
def world(shared_world: SharedHearing[Convened], db: None) -> Iterator[World]:
    """The reference hearing before its deadlines, with nobody on its lists yet."""
    with shared_world.copy() as made:
        yield made.world


@pytest.fixture(scope="session")
def shared_finished(shared_hearings: SharedHearings) -> SharedHearing[Finished]:
    """The shared hearing that `finished` copies."""
    from tests.support.finished import finished_hearing  # Django is set up by now

    return shared_hearings.add("shared_finished", finished_hearing)


@pytest.fixture
def finished(shared_finished: SharedHearing[Finished], db: None) -> Iterator[Finished]:
    """The reference hearing after its panels, with nothing drafted yet."""
    with shared_finished.copy() as hearing:
        yield hearing


@pytest.fixture(scope="session")
def shared_place(shared_hearings: SharedHearings) -> SharedHearing[Place]:
    """The shared hearing that `place` copies."""
    from tests.support.addresses import furnished  # Django is set up by now

    return shared_hearings.add("shared_place", furnished)


@pytest.fixture
def place(shared_place: SharedHearing[Place], db: None) -> Iterator[Place]:
    """A hearing with data behind every address, and a person in each role."""
    with shared_place.copy() as place:
        yield place


@pytest.fixture(scope="session")
def forker(django_db_setup: None, pytestconfig: pytest.Config) -> Iterator[Forker | None]:
    """A process that starts servers with the tests' own settings, or None where it cannot run."""
    if not hasattr(os, "pidfd_open"):
        yield None
        return
    url = database.url_of(str(settings.DATABASES["default"]["NAME"]))
    environment = pytestconfig.stash[ENVIRONMENT]
    begun = Forker(NO_ENGINE | site_environment(url, environment))
    yield begun
    begun.close()


@pytest.fixture
def site(transactional_db: None, tmp_path: Path, forker: Forker | None) -> Iterator[Site]:
    """A real server on the database of this test, so that the site shows what the test saves."""
    url = database.url_of(str(settings.DATABASES["default"]["NAME"]))
    running = Site(tmp_path, url, forker=forker)
    try:
        running.start()
        yield running
    finally:
        running.stop()
    running.check_log()


@pytest.fixture
def migrated_folder(tmp_path: Path) -> Path:
    """A data folder with a migrated database, for tests of commands that need one."""
    return migrated.furnish(tmp_path)


@pytest.fixture
def worker_threads(transactional_db: None) -> Iterator[None]:
    """The worker's threads, in this process: they read the files that pages have received."""
    from hemicycle.hearing.jobs import workers  # Django is set up by now

    end = workers.start()
    yield
    end()


@pytest.fixture
def dovecot() -> Iterator[Dovecot]:
    """Debian's Dovecot, running: a mailbox for every address."""
    server = Dovecot()
    server.start()
    yield server
    server.stop()


@pytest.fixture
def postfix(dovecot: Dovecot) -> Iterator[Postfix]:
    """Debian's Postfix; the test starts it once it knows where to deliver mail."""
    server = Postfix(dovecot)
    yield server
    print(server.log.read_text() if server.log.exists() else "")  # pytest shows it after a failure
    server.stop()


@pytest.fixture
def by_postfix(dovecot: Dovecot, postfix: Postfix) -> dict[str, str]:
    """The settings for sending mail by Postfix, with STARTTLS and a password."""
    return {
        "HEMICYCLE_SMTP_URL": postfix.url("hemicycle@hearing.example"),
        "HEMICYCLE_MAIL_AUTHORITIES": str(dovecot.certificate),
        "HEMICYCLE_MAIL_FROM": "hearing@hearing.example",
        "HEMICYCLE_MAIL_BOUNCES": "information@hearing.example",
        "HEMICYCLE_MAIL_PER_MINUTE": "0",
    }


@pytest.fixture
def make_worker(
    transactional_db: None, tmp_path: Path, by_postfix: dict[str, str]
) -> Iterator[Callable[..., Worker]]:
    """A function that starts a worker, which sends by Postfix and is stopped after the test."""
    from tests.support.worker import Worker  # Django is set up by now

    made: list[Worker] = []

    def make(**more: str) -> Worker:
        url = database.url_of(str(settings.DATABASES["default"]["NAME"]))
        made.append(Worker(tmp_path, url, **by_postfix, **more))
        made[-1].start()
        return made[-1]

    yield make
    for page in made:
        page.stop()


@pytest.fixture
def security_lines() -> Iterator[list[dict[str, Any]]]:
    """The lines that were written to the security log, parsed."""
    lines: list[dict[str, Any]] = []

    class Keeping(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(record.__dict__["security"])

    handler = Keeping()
    security_log.LOGGER.addHandler(handler)
    yield lines
    security_log.LOGGER.removeHandler(handler)


@pytest.fixture(scope="session")
def browser(pytestconfig: pytest.Config) -> Iterator[Browser]:
    """Chromium, one for all tests of this process."""
    with sync_playwright() as playwright, chromium.loop_of_its_own():
        shell = pytestconfig.stash[SHELL]
        started = chromium.launch(playwright, yielding=True, shell=shell)
        expect.set_options(timeout=chromium.WITHIN_MS)
        yield started
        started.close()


@pytest.fixture
def pages(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Pages]:
    """Opens pages, each as another person; fails at the end if a page has reported an error."""
    if "site" in request.fixturenames:
        request.getfixturevalue("site")  # the site must outlive the pages, which ask for its time
    opened = Pages(browser)
    yield opened
    opened.close()


@pytest.fixture
def page(pages: Pages, site: Site) -> Page:
    """A page on the site, which accepts addresses without a host."""
    return pages.open(base_url=site.url)


# ── Where files are stored ────────────────────────────────────────────────────────────────────
@pytest.fixture(scope="session")
def s3_server(
    tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config
) -> Iterator[S3Server]:
    """A store with the S3 protocol, one for all tests of this process."""
    if (running := pytestconfig.stash.get(STORE, None)) is not None:
        yield running
        return
    store = S3Server(tmp_path_factory.mktemp("s3"))
    try:
        store.start()
        yield store
    finally:
        store.stop()


@pytest.fixture
def bucket(s3_server: S3Server, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Keep the site's files in the store until the end of the test; yields the store's address."""
    for name, value in stored_files.given(s3_server).items():
        monkeypatch.setenv(name, value)
    stored_files.use(settings, stored_files.ADDRESS)
    yield stored_files.ADDRESS
    stored_files.empty()


@pytest.fixture
def away(bucket: str, s3_server: S3Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[S3Server]:
    """Keep the site's files in a store that the test may stop and restart."""
    from hemicycle.site.files import bucket as buckets  # Django is set up by now

    monkeypatch.setattr(buckets, "AWAY_S", 0.2)
    yield s3_server
    s3_server.come_back()


@pytest.fixture(params=["folder", pytest.param("bucket", marks=pytest.mark.slow)])
def either_storage(request: pytest.FixtureRequest, settings: Any, tmp_path: Path) -> str:
    """Run the test with files in a folder, then in a store; returns "folder" or "bucket"."""
    settings.MEDIA_ROOT = tmp_path / "uploads"
    if request.param == "bucket":
        request.getfixturevalue("bucket")
    else:
        stored_files.use(settings, stored_files.FOLDER)
    return str(request.param)
