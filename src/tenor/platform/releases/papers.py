"""The card and the data sheet of a predictor: written when it is fitted, kept with it as facts."""

import json
from dataclasses import dataclass
from typing import Any

import tenor
from tenor.engine.evaluate.quality import Quality
from tenor.engine.frames import Tables
from tenor.engine.predictors.effect_report import effect_report
from tenor.engine.predictors.model import Model
from tenor.engine.release.check import Area, Check
from tenor.engine.reports.data_sheet import (
    data_facts,
    data_sheet,
    data_sheet_markdown,
    facts_sheet,
)
from tenor.engine.reports.model_card import (
    card_facts,
    card_sheet,
    model_card,
    model_card_markdown,
)
from tenor.engine.reports.sheet import Sheet
from tenor.platform.governance.models import PredictorVersion
from tenor.platform.ledger.queries.unprofiled import unprofiled
from tenor.platform.releases.proof import Evidence, checks_of, gain_of

CARD, SHEET = "card", "sheet"
_PAGES = {CARD: model_card, SHEET: data_sheet}
_TEXTS = {CARD: model_card_markdown, SHEET: data_sheet_markdown}
_SHEETS = {CARD: card_sheet, SHEET: facts_sheet}


@dataclass(frozen=True)
class _Audited:
    """What the gate found of how groups would be treated."""

    passes: bool | None


def write(
    version: PredictorVersion,
    model: Model,
    tables: Tables,
    *,
    evidence: Evidence,
    quality: Quality | None,
) -> None:
    """Write down what a predictor is and what it learned from, with what the gate found of it."""
    organisation = version.organisation
    told: dict[str, Any] = {
        "name": organisation.name,
        "synthetic": version.synthetic,
        "left_out": len(unprofiled(organisation, model.as_of)),
    }
    card = card_facts(
        model, tables, as_of=model.as_of, software=f"Tenor {tenor.__version__}", quality=quality,
        effects=effect_report(tables, as_of=model.as_of, model=model),
        gain=gain_of(evidence), checks=[_check(kept) for kept in checks_of(evidence)],
        fairness=_fairness(evidence), **told,
    )  # fmt: skip
    version.card = json.dumps(card, ensure_ascii=False)
    version.sheet = json.dumps(data_facts(tables, as_of=model.as_of, **told), ensure_ascii=False)
    version.save(update_fields=[CARD, SHEET])


def page_of(version: PredictorVersion, paper: str) -> str:
    """Return the card or the data sheet as a page of its own; nothing where it has none."""
    kept = getattr(version, paper) if paper in _PAGES else ""
    return _PAGES[paper](json.loads(kept)) if kept else ""


def text_of(version: PredictorVersion, paper: str) -> str:
    """Return the card or the data sheet as Markdown; nothing where it has none."""
    kept = getattr(version, paper) if paper in _TEXTS else ""
    return _TEXTS[paper](json.loads(kept)) if kept else ""


def sheet_of(version: PredictorVersion, paper: str) -> Sheet | None:
    """Return the card or the data sheet as its parts, to be shown; None where it has none."""
    kept = getattr(version, paper) if paper in _SHEETS else ""
    return _SHEETS[paper](json.loads(kept)) if kept else None


def _fairness(evidence: Evidence) -> _Audited | None:
    """Return what the audit of the candidate's decisions said; nothing where none was made."""
    said = [check["passed"] for check in checks_of(evidence) if check["area"] == Area.FAIRNESS]
    return _Audited(said[0]) if said and said[0] is not None else None


def _check(kept: dict[str, Any]) -> Check:
    return Check(**{**kept, "area": Area(kept["area"])})
