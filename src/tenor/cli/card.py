"""`tenor card`: the model card and the data sheet of a model, from the facts alone."""

from collections.abc import Callable
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import click
import numpy as np
import polars as pl

from tenor.cli.console import (
    DIRECTORY,
    as_of_option,
    done,
    load,
    skip_bad_rows_option,
    stages,
    timezone_option,
)
from tenor.engine.errors import InputError
from tenor.engine.evaluate.by_segment import GroupQuality, quality_by_segment
from tenor.engine.evaluate.gain_on_log import gain_on_log
from tenor.engine.evaluate.quality import Quality, judged_rows, quality_of
from tenor.engine.evaluate.segments import segments_at
from tenor.engine.frames import Tables
from tenor.engine.policy.policyfile import read_policy
from tenor.engine.predictors.effect_report import effect_report
from tenor.engine.predictors.model import Model, load_model
from tenor.engine.predictors.score import chances
from tenor.engine.release.data_checks import data_checks
from tenor.engine.release.policy_checks import gain_checks
from tenor.engine.release.predictor_checks import predictor_checks
from tenor.engine.reports.data_sheet import data_facts, data_sheet, data_sheet_markdown
from tenor.engine.reports.files import is_synthetic, write_json, write_page
from tenor.engine.reports.model_card import card_facts, model_card, model_card_markdown

_KINDS = (".html", ".md", ".json")


@click.command()
@click.argument("model", type=DIRECTORY, metavar="MODEL")
@click.option("--data", type=DIRECTORY, required=True, metavar="DIR", help="The tables.")
@as_of_option
@click.option(
    "--out", type=DIRECTORY, required=True, metavar="F", help="A .html, .md or .json file."
)
@click.option("--sheet", type=DIRECTORY, metavar="F", help="Also write the data sheet, likewise.")
@click.option(
    "--policy", type=DIRECTORY, metavar="P", help="The policy file. Without it: the defaults."
)
@click.option("--name", metavar="NAME", help="Whose model it is. Without it: the folder's name.")
@timezone_option
@skip_bad_rows_option
def command(
    model: Path,
    data: Path,
    as_of: datetime,
    out: Path,
    sheet: Path | None,
    policy: Path | None,
    name: str | None,
    timezone: str | None,
    skip_bad_rows: bool,
) -> None:
    """Write what MODEL is for, what it learned from, how good it is and where not to trust it.

    Its quality is measured on what happened in DIR between its own instant and T; what cannot be
    seen yet is said to be. The same facts give the same file, byte for byte.
    """
    for file in filter(None, (out, sheet)):
        _kind(file)
    if sheet is not None and sheet.resolve() == out.resolve():
        raise InputError(f"{out}: the card and the data sheet need a file each")
    rules, learned = read_policy(policy), load_model(model)
    if as_of < learned.as_of:
        raise InputError(
            f"the model was fitted at {learned.as_of:%Y-%m-%d}, after {as_of:%Y-%m-%d}: give a "
            "later --as-of"
        )
    tables = load(data, timezone, skip_bad_rows)
    whose, synthetic = name or data.resolve().name, is_synthetic(data)
    with stages() as report:
        found, groups = _judged(tables, learned, as_of, report)
        report("checking", 0.0)
        gain = gain_on_log(
            tables, model=learned, policy=rules, to=as_of, rng=np.random.default_rng(0)
        )
        checks = [
            *data_checks(tables, as_of=learned.as_of),
            *predictor_checks(tables, as_of=as_of, model=learned),
            *gain_checks(gain),
        ]
        facts = card_facts(
            learned,
            tables,
            as_of=as_of,
            name=whose,
            synthetic=synthetic,
            software=version("tenor"),
            quality=found,
            groups=groups,
            effects=effect_report(tables, as_of=learned.as_of, model=learned),
            gain=gain.text,
            checks=checks,
        )
    _write(facts, out, model_card, model_card_markdown)
    if sheet is not None:
        about = data_facts(tables, as_of=learned.as_of, name=whose, synthetic=synthetic)
        _write(about, sheet, data_sheet, data_sheet_markdown)
    also = f", the data sheet in {sheet}" if sheet else ""
    done(f"Model {learned.version}: the card is in {out}{also}.")


def _kind(file: Path) -> str:
    if file.suffix not in _KINDS:
        raise InputError(f"{file}: give a file that ends in {', '.join(_KINDS)}")
    return file.suffix


def _write(
    facts: dict[str, Any],
    file: Path,
    page: Callable[[dict[str, Any]], str],
    markdown: Callable[[dict[str, Any]], str],
) -> None:
    kind = _kind(file)
    if kind == ".json":
        write_json(facts, file)
    else:
        write_page(page(facts) if kind == ".html" else markdown(facts), file)


def _judged(
    tables: Tables, model: Model, as_of: datetime, report: Callable[[str, float], None]
) -> tuple[Quality | None, tuple[GroupQuality, ...]]:
    """Judge the model by what came after it until `as_of`; nothing where that is too little."""

    def scorer(known: Tables, at: datetime) -> pl.DataFrame:
        return chances(known, as_of=at, model=model)

    def told(share: float) -> None:
        report("judging", share)

    known = tables.known_at(as_of)
    try:
        instants, end, rows = judged_rows(
            known, score=scorer, from_=model.as_of, to=as_of, report=told
        )
    except InputError:
        return None, ()
    found = quality_of(instants, end, rows)
    segments = {at: segments_at(known, at) for at in instants}
    return found, quality_by_segment(rows, segments, rng=np.random.default_rng(0))
