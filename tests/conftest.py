"""What tests share: a small world and what was learned from it; organisations and their people."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest
from django.contrib.contenttypes.management import create_contenttypes
from django.db import connection
from django.db.models.signals import post_migrate
from django.utils import translation
from hypothesis import HealthCheck, settings
from pytest_django import DjangoDbBlocker

import demonstration
import worlds
from cast import Cast, same_cast
from tenor.engine.frames import Tables
from tenor.engine.policy.policyfile import Policy
from tenor.engine.predictors.model import Model, fit, load_model
from tenor.engine.simulation import World
from tenor.platform.core.append_only import allow_deletes, allow_emptying, refuse_changes

MakeOnce = Callable[[str, Callable[[Path], object]], Path]

# How long an example takes is no promise of ours: other programs may have the machine.
settings.register_profile("tenor", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("tenor")

# The files that take longest go first: two processes share the files, and the end of a run would
# else see one of them work alone. Those of the browser follow in one go, so that it starts once.
LONGEST = (
    "stories/test_sixty_days.py", "cli/test_demo.py", "platform/test_routes.py",
    "platform/test_demo.py", "platform/test_api_fuzz.py", "engine/test_event_log.py",
    "engine/test_determinism.py", "platform/test_day_cut_short.py", "engine/test_effect.py",
    "cli/test_work.py", "cli/test_installation.py", "platform/test_decisions_queries.py",
)  # fmt: skip


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest files first; the others keep their order."""
    here = Path(__file__).parent
    place = {name: number for number, name in enumerate(LONGEST)}
    items.sort(key=lambda item: place.get(item.path.relative_to(here).as_posix(), len(place)))


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--made", metavar="FOLDER",
        help="--made=FOLDER: keep what a run makes once, such as a model, for another of this code",
    )  # fmt: skip


@pytest.fixture(scope="session")
def make_once(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> MakeOnce:
    """Make a folder once for the whole test run, also where several processes share the tests."""
    root = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        root = root.parent
    if kept := request.config.getoption("made"):
        root = request.config.rootpath / kept
        root.mkdir(parents=True, exist_ok=True)

    def made(name: str, make: Callable[[Path], object]) -> Path:
        folder, lock = root / name, root / f"{name}.lock"
        while not folder.exists():
            try:
                lock.mkdir()
            except FileExistsError:
                time.sleep(0.1)
                continue
            try:
                if not folder.exists():
                    make(root / f"{name}.new")
                    (root / f"{name}.new").rename(folder)
            finally:
                lock.rmdir()
        return folder

    return made


@pytest.fixture(autouse=True)
def in_english() -> Iterator[None]:
    """Begin each test in English: a request in Dutch leaves its process speaking Dutch."""
    with translation.override("en"):
        yield


@pytest.fixture(scope="session")
def then() -> World:
    """The small world as it stood at `as_of`; copy it before playing on."""
    return worlds.lived()[0]


@pytest.fixture(scope="session")
def tables() -> Tables:
    """The small world's facts, with sixty days after `as_of`."""
    return worlds.lived()[1]


@pytest.fixture(scope="session")
def as_of(then: World) -> datetime:
    return then.today


@pytest.fixture(scope="session")
def policy() -> Policy:
    return worlds.policy_of()


@pytest.fixture(scope="session")
def model_folder(tables: Tables, as_of: datetime, make_once: MakeOnce) -> Path:
    """The folder of the model that was learned from the small world at `as_of`."""
    arrive = worlds.DAYS_TO_ARRIVE
    return make_once(
        "model", lambda folder: fit(tables, as_of=as_of, days_to_arrive=arrive).save(folder)
    )


@pytest.fixture(scope="session")
def model(model_folder: Path) -> Model:
    return load_model(model_folder)


@pytest.fixture(scope="session")
def django_db_use_migrations() -> bool:
    """Make the tests' tables at once; `platform/test_migrations.py` holds the long way to them."""
    return False


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    """Guard the audit log as the migrations do.

    Tests with real transactions may empty it afterwards (SQLite deletes rows for that). With the
    emptied database Django would each time write its own permissions anew, which nobody asks for.
    """
    post_migrate.disconnect(dispatch_uid="django.contrib.auth.management.create_permissions")
    post_migrate.disconnect(create_contenttypes)
    with django_db_blocker.unblock():
        refuse_changes(connection, "core_auditentry")
        allow_emptying(connection, "core_auditentry")
        allow_deletes(connection, "core_auditentry")


@pytest.fixture(scope="session")
def fresh_installation(make_once: MakeOnce) -> Path:
    """A folder in which Tenor was started once, and nothing was done; to be copied."""
    tenor = Path(sys.executable).with_name("tenor")
    return make_once(
        "installation",
        lambda folder: subprocess.run(
            [tenor, "organisation", "list", "--installation", str(folder)],
            check=True, stdout=subprocess.DEVNULL,
        ),
    )  # fmt: skip


@pytest.fixture(scope="session")
def demo_folder(make_once: MakeOnce, fresh_installation: Path) -> Path:
    """The folder of a demonstration as its command makes it; to be copied, or taken over."""

    def make(folder: Path) -> None:
        shutil.copytree(fresh_installation, folder)
        result = demonstration.demo(folder)
        assert result.returncode == 0, result.stderr
        assert result.stdout.splitlines()[-1].startswith(f"The demonstration is ready in {folder}")

    return make_once("demonstration", make)


@pytest.fixture
def cast(db: None) -> Cast:
    """Two organisations, and a person of each role in each."""
    return same_cast()
