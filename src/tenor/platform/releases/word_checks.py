"""What is asked of texts and of law before they are signed for: the linter, the law's own cases."""

from collections.abc import Iterator
from typing import Any

from tenor.engine.release.check import Area, Check
from tenor.platform.governance.law import check_law
from tenor.platform.releases.models import Release
from tenor.platform.releases.parts import Parts, carried, in_force
from tenor.platform.wording.actions import named
from tenor.platform.wording.linter import Level
from tenor.platform.wording.models import Template
from tenor.platform.wording.queries import findings_of

_HOUSE = "house rule"
_LINTER = "the linter of messages and the law of each country (platform/wording)"


def word_checks(release: Release) -> list[Check]:
    """Return the checks of the texts and of the law that a release carries."""
    mine = carried(release)
    return [*_of_texts(mine), *_of_law(mine)]


def words_found(release: Release) -> dict[str, Any]:
    """Return what was found of texts and law, as JSON: the examiner reads it years later."""
    mine = carried(release)
    now = in_force(release.organisation, mine)
    found: dict[str, Any] = {}
    if mine.texts:
        before = {(one.kind, one.form, one.tone, one.language): one.number for one in now.texts}
        found["texts"] = [
            {
                "text": named(text),
                "against": before.get((text.kind, text.form, text.tone, text.language)),
                "findings": [
                    {"level": one.level.value, "code": one.code, "part": one.part,
                     "line": one.line, "words": one.words}
                    for one in findings_of(text)
                ],
            }
            for text in mine.texts
        ]  # fmt: skip
    if mine.law is not None:
        check = check_law(mine.law.text)
        found["law"] = {
            "pack": mine.law.jurisdiction,
            "against": now.law.number if now.law else None,
            "changes": [
                {"kind": one.kind.value, "provision": one.provision.id, "since": one.since,
                 "words": one.words}
                for one in check.changes
            ],
        }  # fmt: skip
    return found


def _of_texts(mine: Parts) -> Iterator[Check]:
    if not mine.texts:
        return
    found = [(text, one) for text in mine.texts for one in findings_of(text)]
    faults = [_said(text, one.code) for text, one in found if one.level is Level.ERROR]
    asks = [_said(text, one.code) for text, one in found if one.level is Level.WARNING]
    yield Check(
        "texts without faults", not faults, float(len(faults)), 0.0,
        "; ".join(faults) or f"no fault in {len(mine.texts)} texts", Area.WORDS, _LINTER,
    )  # fmt: skip
    yield Check(
        "texts that raise no question", None if asks else True, float(len(asks)), 0.0,
        "; ".join(asks) or "the linter asks nothing", Area.WORDS, _LINTER,
    )  # fmt: skip


def _of_law(mine: Parts) -> Iterator[Check]:
    if mine.law is None:
        return
    check = check_law(mine.law.text)
    failed = [outcome.case.id for outcome in check.failed]
    wrong = "; ".join(check.wrong) or ", ".join(failed)
    fine = (
        f"{len(check.cases)} cases of its own come out as they say"
        if check.cases
        else "it can be read, and has no cases of its own"
    )
    yield Check(
        "law that can be read and passes its cases", not wrong,
        float(len(check.wrong) + len(failed)), 0.0,
        wrong or fine, Area.LAW, _HOUSE,
    )  # fmt: skip
    open_ = [f"{one.provision.id} is {one.kind.value}" for one in check.to_sign]
    yield Check(
        "law that is simply stricter", None if open_ else True, float(len(open_)), 0.0,
        "; ".join(open_) or "every change is stricter than the shipped pack", Area.LAW, _HOUSE,
    )  # fmt: skip


def _said(text: Template, code: str) -> str:
    return f"{named(text)}: {code.replace('_', ' ')}"
