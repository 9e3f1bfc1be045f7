"""The data sheet: what a model learned from, counted from the facts themselves.

After Gebru and others, "Datasheets for datasets" (2018): what is in it, over which time, how
complete, what was left out. Equal bytes for equal facts; nobody is named in it.
"""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import polars as pl

from tenor.engine.frames import Tables
from tenor.engine.quality import findings, inventory, missing_values, sufficiency
from tenor.engine.release.check import Check
from tenor.engine.release.data_checks import data_checks
from tenor.engine.reports import sheet, words
from tenor.engine.reports.card_inputs import excluded
from tenor.engine.reports.page import Grid, Part
from tenor.engine.reports.sheet import Sheet


def data_facts(
    tables: Tables, *, as_of: datetime, name: str, synthetic: bool, left_out: int = 0
) -> dict[str, Any]:
    """Return what is known of the data at `as_of` (aware), as JSON holds it.

    `name` says whose they are; `left_out` counts the customers who took no part because they do
    not want to be profiled. `digest` changes with any fact.
    """
    known = tables.known_at(as_of).in_order()
    enough = sufficiency(known, today=as_of.date())
    odd = findings(known, today=as_of.date())
    return {
        "name": name,
        "as_of": as_of.isoformat(),
        "synthetic": synthetic,
        "left_out": left_out,
        "digest": digest(known),
        "tables": _tables(known),
        "currencies": _shares(known.invoices["currency"]),
        "countries": _shares(known.customers["country"]),
        "kinds": _shares(known.customers["kind"]),
        "channels": _shares(known.contacts["channel"]),
        "events": _shares(known.events["kind"]),
        "months": enough.months,
        "uses": [
            {"use": u.name, "verdict": u.verdict.value, "reason": u.reason} for u in enough.uses
        ],
        "share_propensity": round(enough.share_propensity, 4),
        "findings": [{"table": f.table, "rows": f.rows, "text": f.text} for f in odd],
        "checks": [check_facts(c) for c in data_checks(known, as_of=as_of)],
        "excluded": excluded(known),
    }


def data_sheet(facts: Mapping[str, Any]) -> str:
    """Return the data sheet as a page; `facts` of `data_facts`."""
    return sheet.html(facts_sheet(facts))


def data_sheet_markdown(facts: Mapping[str, Any]) -> str:
    """Return the data sheet as Markdown; `facts` of `data_facts`."""
    return sheet.markdown(facts_sheet(facts))


def check_facts(check: Check) -> dict[str, Any]:
    """Return a check as JSON holds it, figures rounded to what is read."""
    return {
        "area": check.area.value,
        "name": check.name,
        "passed": check.passed,
        "figure": None if check.figure is None else round(check.figure, 4),
        "limit": check.limit,
        "text": check.text,
        "source": check.source,
    }


def check_grid(checks: Sequence[Mapping[str, Any]]) -> Grid:
    """Return checks as a table: what, the answer, and what was found."""
    answers = {True: "passes", False: "fails", None: "for a person"}
    rows = [[c["name"], answers[c["passed"]], c["text"]] for c in checks]
    return Grid(("check", "answer", "found"), rows, words=2, last_is_text=True)


def digest(tables: Tables) -> str:
    """Return 16 hexadecimal digits that change with any fact, whatever the order of the rows."""
    found = hashlib.sha256()
    for table, frame in tables.in_order():
        found.update(f"{table.name}|{'|'.join(sorted(frame.columns))}\n".encode())
        texts = [
            (
                pl.col(c).list.join(";") if frame.schema[c] == pl.List(pl.String) else pl.col(c)
            ).cast(pl.String).fill_null("\x00")
            for c in sorted(frame.columns)
        ]  # fmt: skip
        lines = frame.select(pl.concat_str(texts, separator="\x1f")).to_series()
        found.update("\n".join(lines.to_list()).encode())
    return found.hexdigest()[:16]


def _tables(known: Tables) -> list[dict[str, Any]]:
    """Return each table's size, period, and the share of each column that is missing."""
    gaps = missing_values(known)
    return [
        {
            "table": table,
            "rows": rows,
            "from": first.isoformat() if first else None,
            "to": last.isoformat() if last else None,
            "missing": {
                column: round(share, 4)
                for column, share in gaps.filter(pl.col("table") == table)
                .select("column", "share")
                .rows()
            },
        }
        for table, rows, first, last in inventory(known).rows()
    ]


def _shares(names: pl.Series, most: int = 12) -> dict[str, int]:
    """Count names, the most frequent first; beyond `most` they are one."""
    counted = names.drop_nulls().value_counts(name="n").rows()
    found = sorted(counted, key=lambda pair: (-pair[1], pair[0]))
    rest = sum(n for _, n in found[most:])
    return dict(found[:most]) | ({"others": rest} if rest else {})


def facts_sheet(facts: Mapping[str, Any]) -> Sheet:
    """Return the data sheet as a document of parts; `facts` of `data_facts`."""
    rows = {t["table"]: t["rows"] for t in facts["tables"]}
    left = facts["left_out"]
    return Sheet(
        kicker="Data sheet",
        title=facts["name"],
        lede=(
            f"{words.count(rows['customers'], 'customer')} with "
            f"{words.count(rows['invoices'], 'invoice')}, "
            f"{words.count(rows['payments'], 'payment')} and "
            f"{words.count(rows['contacts'], 'contact')} over {facts['months']:g} months, as known "
            f"at {facts['as_of']}."
        ),
        synthetic=facts["synthetic"],
        parts=[
            _contents(facts),
            Part(
                "left-out",
                "Who is left out?",
                "Nobody."
                if not left
                else f"{words.count(left, 'customer')} who do not want to be profiled.",
            ),
            _breakdown(facts),
            _sound(facts),
            _not_read(facts),
        ],
        foot=f"Made from the facts alone. Digest of the facts: {facts['digest']}.",
    )


def _contents(facts: Mapping[str, Any]) -> Part:
    rows = [
        [t["table"], f"{t['rows']:,}", t["from"] or "–", t["to"] or "–", _missing(t["missing"])]
        for t in facts["tables"]
    ]
    return Part(
        "contents",
        "What is in it?",
        f"Of the contacts {facts['share_propensity']:.0%} have their probability recorded.",
        grid=Grid(("table", "rows", "from", "to", "missing"), rows, last_is_text=True),
    )


def _missing(gaps: Mapping[str, float]) -> str:
    said = [f"{column} {share:.0%}" for column, share in gaps.items()]
    return ", ".join(said) or "nothing"


def _breakdown(facts: Mapping[str, Any]) -> Part:
    rows = [
        [what, name, f"{count:,}"]
        for what in ("currencies", "countries", "kinds", "channels", "events")
        for name, count in facts[what].items()
    ]
    return Part(
        "breakdown",
        "Whom and what is it about?",
        "Counted by what the tables say; nobody is named.",
        grid=Grid(("of", "name", "count"), rows, words=2),
    )


def _sound(facts: Mapping[str, Any]) -> Part:
    failed = [c["name"] for c in facts["checks"] if c["passed"] is False]
    return Part(
        "sound",
        "Can it be trusted?",
        f"Fails: {words.listed(failed)}." if failed else "No check of the data fails.",
        grid=check_grid(facts["checks"]),
        remarks=[f"{f['table']}: {f['text']}" for f in facts["findings"]]
        + [f"{u['use']}: {u['verdict']} ({u['reason']})" for u in facts["uses"]],
    )


def _not_read(facts: Mapping[str, Any]) -> Part:
    remarks = [f"{', '.join(e['columns'])}: {e['why']}" for e in facts["excluded"]]
    return Part(
        "not-read",
        "What is in it and never read?",
        "Names, addresses and free text are not in these tables."
        if not remarks
        else "These columns are never features; names, addresses and free text are not in here.",
        remarks=remarks,
    )
