"""What the kept evidence of a release says: what fails, what cannot be told, what it is about."""

import hashlib
from collections.abc import Mapping
from typing import Any

from tenor.engine.release.check import Area
from tenor.platform.governance.models import PolicyVersion
from tenor.platform.releases.models import Release

Evidence = Mapping[str, Any]
# Where a release of the same recipe must be told to be good; the rest its canary proves.
_TOLD = frozenset({Area.DATA, Area.LABELS, Area.QUALITY, Area.CALIBRATION, Area.STABILITY})


def digest_of(policy: PolicyVersion | None) -> str:
    """Return the digest of the text of rules; nothing without any."""
    return "" if policy is None else hashlib.sha256(policy.text.encode()).hexdigest()


def checks_of(evidence: Evidence) -> list[dict[str, Any]]:
    """Return the checks of the gate as they were kept."""
    found: list[dict[str, Any]] = evidence.get("gate", [])
    return found


def failed(evidence: Evidence) -> list[str]:
    """Name the checks that a release does not pass."""
    return [check["name"] for check in checks_of(evidence) if check["passed"] is False]


def untold(evidence: Evidence) -> list[str]:
    """Name the checks that these data cannot answer, and that a person has to weigh."""
    return [
        check["name"]
        for check in checks_of(evidence)
        if check["passed"] is None and check.get("needed", True)
    ]


def passes_by_itself(evidence: Evidence) -> bool:
    """Say whether an update of the same recipe may go its way without a person's word.

    Nothing may fail, and of data, labels, quality, calibration and stability everything that is
    needed must be told.
    """
    if failed(evidence) or not checks_of(evidence):
        return False
    return not any(
        check["passed"] is None and check.get("needed", True) and check["area"] in _TOLD
        for check in checks_of(evidence)
    )


def is_stale(release: Release) -> bool:
    """Say whether the rules were changed after the evidence was gathered."""
    return bool(release.evidence) and release.evidence.get("policy") != digest_of(release.policy)
