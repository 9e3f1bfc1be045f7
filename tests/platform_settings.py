"""The platform's settings in tests: a folder to throw away, and nothing of an installation here."""

import atexit
import os
import shutil
import tempfile

_KEPT = {"TENOR_DATABASE_URL", "TENOR_TEST_POSTGRES", "TENOR_PUBLIC_DATA", "TENOR_CHROMIUM"}
for _name in [name for name in os.environ if name.startswith("TENOR_") and name not in _KEPT]:
    del os.environ[_name]
# The processes of a run share the machine, and their tables are small: pools of threads, and the
# processes that tests start with pools of their own, would mostly wait for each other.
for _name in ("POLARS_MAX_THREADS", "OMP_NUM_THREADS"):
    os.environ.setdefault(_name, "1")
# Each process of a run has its own, so that runs beside each other share no database either.
os.environ["TENOR_DATA"] = tempfile.mkdtemp(prefix="tenor-tests-")
atexit.register(shutil.rmtree, os.environ["TENOR_DATA"], ignore_errors=True)

from tenor.platform.config.settings import *  # noqa: E402, F403
from tenor.platform.config.settings import STATIC_ROOT  # noqa: E402

STATIC_ROOT.mkdir(exist_ok=True)
# The slowness that protects a password protects nothing here.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
