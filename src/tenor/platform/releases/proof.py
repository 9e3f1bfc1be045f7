"""What the kept evidence of a release says: what fails, what cannot be told, what it is about."""

import hashlib
from collections.abc import Mapping
from typing import Any

from tenor.engine.release.check import Area
from tenor.platform.governance.models import PolicyVersion
from tenor.platform.releases.models import Release
from tenor.platform.releases.parts import carried

Evidence = Mapping[str, Any]
# Where a release of the same recipe must be told to be good; the rest its canary proves.
_TOLD = frozenset({Area.DATA, Area.LABELS, Area.QUALITY, Area.CALIBRATION, Area.STABILITY})


def digest_of(policy: PolicyVersion | None) -> str:
    """Return the digest of the text of rules; nothing without any."""
    return "" if policy is None else hashlib.sha256(policy.text.encode()).hexdigest()


def words_digest_of(release: Release) -> str:
    """Return the digest of the law and the texts that a release carries; nothing without any."""
    mine = carried(release)
    words = [mine.law.text] if mine.law is not None else []
    words += [f"{text.pk} {text.subject}\n{text.body}" for text in mine.texts]
    return hashlib.sha256("\f".join(words).encode()).hexdigest() if words else ""


def checks_of(evidence: Evidence) -> list[dict[str, Any]]:
    """Return the checks of the gate as they were kept."""
    found: list[dict[str, Any]] = evidence.get("gate", [])
    return found


def gain_of(evidence: Evidence) -> str | None:
    """Return in words whether foretold gains came true; nothing where that was not measured."""
    gain: dict[str, Any] | None = evidence.get("gain")
    return None if gain is None else str(gain["text"])


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
    """Say whether the rules, the law or a text were changed after the evidence was gathered."""
    kept = release.evidence
    return bool(kept) and (
        kept.get("policy") != digest_of(release.policy)
        or kept.get("words", "") != words_digest_of(release)
    )
