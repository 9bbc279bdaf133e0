"""What all unit tests share: which lines are counted, how much the property tests try, and logging as it was before."""

import gc
import importlib
import logging
from collections.abc import Generator, Iterator
from fnmatch import fnmatch
from pathlib import Path

import pytest
from coverage import Coverage
from hypothesis import HealthCheck, settings

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
COVERAGE = pytest.StashKey[Coverage]()

settings.register_profile("unit", max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("thorough", settings.get_profile("unit"), max_examples=400)
"""That of `make properties`."""
settings.load_profile("unit")


@pytest.hookimpl(trylast=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    """Import what must be covered while its lines are counted; from then on they are while a test of it runs.

    Whatever runs while lines are counted takes several times as long on Python 3.11, counted or not.
    """
    controller = getattr(session.config.pluginmanager.get_plugin("_cov"), "cov_controller", None)
    if controller is None:
        return
    coverage = session.config.stash[COVERAGE] = controller.cov
    for path in (ROOT / "volspike").rglob("*.py"):
        if is_counted(path, coverage):
            importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"))
    while running := Coverage.current():  # in a worker of xdist, pytest-cov has started two
        running.stop()


def pytest_collection() -> None:
    """Look for no garbage while tests are imported and listed."""
    gc.disable()


def pytest_collection_finish() -> None:
    """Leave what is imported to itself: it is no garbage, and each look through it takes a third of a second."""
    gc.freeze()
    gc.enable()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Count lines while a test of what must be covered runs."""
    coverage = item.config.stash.get(COVERAGE, None)
    if coverage is None or not is_counted(subject_of(item.path), coverage):
        return (yield)
    coverage.start()
    try:
        return (yield)
    finally:
        coverage.stop()


def is_counted(module: Path, coverage: Coverage) -> bool:
    """Tell whether a module is among those that must be covered."""
    return any(fnmatch(str(module.relative_to(ROOT)), pattern) for pattern in coverage.config.run_include)


def subject_of(test: Path) -> Path:
    """Return the module that a file of tests is about."""
    return ROOT / "volspike" / test.relative_to(HERE).with_name(test.name.removeprefix("test_"))


@pytest.fixture
def root_logger() -> Iterator[logging.Logger]:
    """The root logger, which gets its handlers and level back."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield root
    root.handlers[:] = handlers
    root.setLevel(level)
