"""The audit as a page, as JSON and on the terminal."""

import json
import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner

from tenor.cli.main import main
from tenor.engine.errors import InputError
from tenor.engine.frames import Tables, tables_of
from tenor.engine.kpis.portfolio import audit
from tenor.engine.kpis.ratios import Figure
from tenor.engine.reports import charts, words
from tenor.engine.reports.audit import audit_json, audit_report
from tenor.engine.reports.audit_text import overview, summary
from tenor.engine.reports.charts import Bar, Mark, Series
from tenor.engine.reports.files import is_synthetic
from tenor.engine.store import write_tables

D = Decimal
AS_OF = datetime(2026, 3, 15, tzinfo=UTC)
_VOID = {"meta", "link", "rect", "line", "circle", "path", "polygon", "br"}


class Page(HTMLParser):
    """A page read as a browser would: its tags must close in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)
        assert not self.open, f"never closed: {self.open}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in _VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open and self.open[-1] == tag, f"</{tag}> closes {self.open[-1:]}"
        self.open.pop()


def a_portfolio(number: int = 60, currencies: tuple[str, ...] = ("EUR",)) -> Tables:
    """Build a year and a half of invoices that are paid, handed over and promised in turn."""
    issued = [date(2024, 9, 1) + timedelta(days=9 * n) for n in range(number)]
    ids = [f"I{n}" for n in range(number)]
    paid = [n for n in range(number) if n % 4]
    given = [n for n in range(number) if n % 8 == 0]
    stamp = pl.Datetime("us", "UTC")

    def on(n: int, days: int) -> datetime:
        return datetime.combine(issued[n], datetime.min.time(), UTC) + timedelta(days=days)

    return tables_of(
        customers=pl.DataFrame({"customer_id": [f"C{n}" for n in range(10)]}),
        invoices=pl.DataFrame(
            {
                "invoice_id": ids,
                "customer_id": [f"C{n % 10}" for n in range(number)],
                "amount": [D(100 + 7 * n) for n in range(number)],
                "currency": [currencies[n % len(currencies)] for n in range(number)],
                "issued_on": issued,
                "due_on": [d + timedelta(days=30) for d in issued],
            }
        ),
        payments=pl.DataFrame(
            {
                "invoice_id": [f"I{n}" for n in paid],
                "paid_at": [on(n, 20 + 5 * (n % 9)) for n in paid],
                "amount": [D(100 + 7 * n) for n in paid],
            }
        ),
        contacts=pl.DataFrame(
            {
                "contact_id": [f"K{n}" for n in range(number)],
                "customer_id": [f"C{n % 10}" for n in range(number)],
                "invoice_ids": [[i] for i in ids],
                "sent_at": [on(n, 33) for n in range(number)],
                "channel": [("email", "letter", "call")[n % 3] for n in range(number)],
                "cost": [(0.02, 1.1, 4.5)[n % 3] for n in range(number)],
            }
        ),
        events=pl.DataFrame(
            [(on(n, 120), "escalated", f"I{n}") for n in given]
            + [(on(n, 35), "promised", f"I{n}") for n in range(0, number, 5)],
            schema={"at": stamp, "kind": pl.String, "invoice_id": pl.String},
            orient="row",
        ),
    )


def page_of(tables: Tables, *, name: str = "Waterworks", synthetic: bool = False) -> str:
    return audit_report(audit(tables, AS_OF), name=name, synthetic=synthetic)


# The page.


def test_the_page_needs_nothing_from_outside() -> None:
    text = page_of(a_portfolio())
    links = [v for _, attrs in Page(text).tags for k, v in attrs.items() if k in ("src", "href")]
    assert all(link is not None and link.startswith(("#", "data:,")) for link in links)
    assert not re.search(r"https?:|url\(|@import|<script", text)


@pytest.mark.parametrize("number", [0, 1, 2, 60])
def test_a_portfolio_of_any_size_makes_a_whole_page(number: int) -> None:
    tables = a_portfolio(number) if number else tables_of()
    Page(page_of(tables))


@pytest.mark.parametrize("without", ["payments", "contacts", "events"])
def test_a_missing_table_leaves_a_whole_page(without: str) -> None:
    tables = a_portfolio()
    Page(page_of(tables.with_(**{without: getattr(tables_of(), without)})))


def test_every_chart_has_a_sentence_above_it_and_a_table_behind_it() -> None:
    sections = page_of(a_portfolio()).split('<section class="part"')[1:]
    assert len(sections) == 9
    for section in sections:
        assert re.search(r'<p class="answer">[^<]{20,}\.</p>', section)
        assert ("<svg" in section) <= ("<table>" in section)
        charts_in = re.findall(
            r'<svg class="chart \w+" role="img" [^>]*aria-label="([^"]+)"', section
        )
        assert len(charts_in) == section.count('<svg class="chart')


def test_the_page_says_whose_portfolio_it_is_without_running_it() -> None:
    text = page_of(a_portfolio(), name="<script>alert(1)</script> & Sons")
    assert "<script" not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; Sons" in text


def test_made_up_data_is_marked_and_real_data_is_not() -> None:
    assert "Synthetic data" in page_of(a_portfolio(), synthetic=True)
    assert "Synthetic" not in page_of(a_portfolio())


def test_each_currency_has_its_own_section_largest_first() -> None:
    text = page_of(a_portfolio(currencies=("USD", "EUR", "USD")))
    headings = re.findall(r'<h2 class="currency[^"]*" id="(\w+)">', text)
    assert headings == ["USD", "EUR"]
    assert "Amounts of different currencies are never added up." in text


def test_the_order_of_rows_changes_nothing() -> None:
    tables = a_portfolio(currencies=("USD", "EUR"))
    shuffled = Tables(**{t.name: frame.reverse() for t, frame in tables})
    assert page_of(shuffled) == page_of(tables)


# Charts.


def test_bars_are_as_long_as_their_values_from_zero() -> None:
    drawn = charts.bars([Bar("a", 10.0, "10"), Bar("b", 5.0, "5"), Bar("c", 0.0, "0")], says="x")
    widths = [float(w) for w in re.findall(r'<rect class="plain"[^>]* width="([\d.]+)"', drawn)]
    assert len(widths) == 4  # two bars, wide and narrow; nothing is drawn for nothing
    assert widths[1] == pytest.approx(widths[0] / 2, abs=0.1)
    assert widths[3] == pytest.approx(widths[2] / 2, abs=0.1)


def test_columns_are_as_high_as_their_values_from_zero() -> None:
    drawn = charts.columns(["a", "b", "c"], [4.0, None, 1.0], ["4", "", "1"], says="x")
    heights = [float(h) for h in re.findall(r'<rect class="plain"[^>]* height="([\d.]+)"', drawn)]
    assert heights[1] == pytest.approx(heights[0] / 4, abs=0.1)


def test_a_line_breaks_where_a_value_is_missing() -> None:
    drawn = charts.lines(list("abcd"), [Series("s", [1.0, 2.0, None, 3.0])], unit="days", says="x")
    path = re.search(r'<path class="line main" d="([^"]+)"', drawn)
    assert path is not None
    assert path[1].count("M") == 2


def test_a_chart_says_what_it_shows_to_those_who_cannot_see_it() -> None:
    drawn = charts.curve(
        [(-5.0, 0.0), (30.0, 0.8)], [Mark(3, 0.5, 'half "at" 3')], zero="due", unit="days",
        says='a "chart" & more',
    )  # fmt: skip
    assert drawn.count('aria-label="a &#34;chart&#34; &amp; more"') == 2
    Page(str(drawn))


def test_a_change_is_drawn_from_what_would_be_without_it() -> None:
    drawn = charts.change_bar(0.25, 0.75, says="x")
    assert '<rect class="soft" x="0" y="3" width="18"' in drawn
    assert '<rect class="plain" x="18" y="3" width="36"' in drawn
    worse = charts.change_bar(1.5, 0.5, says="x")  # never beyond its frame
    assert '<rect class="careful" x="36" y="3" width="36"' in worse


# Words.


@pytest.mark.parametrize(
    ("amount", "currency", "exact", "said"),
    [
        ("1234.5", "EUR", "€1,234.50", "€1,235"),
        ("-0.005", "USD", "−$0.01", "−$0.01"),
        ("4212345.67", "GBP", "£4,212,345.67", "£4.21 million"),
        ("999999.99", "EUR", "€999,999.99", "€1,000,000"),
        ("123456789", "CHF", "CHF 123,456,789.00", "CHF 123 million"),
        ("1234.5", "JPY", "¥1,235", "¥1,235"),
        ("1.2345", "KWD", "KWD 1.235", "KWD 1.235"),
        ("12.5", "EUR", "€12.50", "€12.50"),
    ],
)
def test_money_is_written_as_its_reader_writes_it(
    amount: str, currency: str, exact: str, said: str
) -> None:
    assert words.money(D(amount), currency) == exact
    assert words.round_money(D(amount), currency) == said


@pytest.mark.parametrize(
    ("value", "said"), [("0", "0%"), ("4.12", "4.1%"), ("9.96", "10%"), ("38.5", "39%")]
)
def test_shares_keep_the_digits_one_reads(value: str, said: str) -> None:
    assert words.share(Figure(D(value))) == said


def test_words_are_listed_as_in_a_sentence() -> None:
    assert words.listed(["a"]) == "a"
    assert words.listed(["a", "b", "c"]) == "a, b and c"
    assert words.count(1, "day") == "1 day"
    assert words.count(1204, "day") == "1,204 days"


# JSON and terminal.


def test_json_holds_every_figure_exact() -> None:
    found = json.loads(json.dumps(audit_json(audit(a_portfolio(), AS_OF), synthetic=True)))
    [section] = found["sections"]
    assert found["synthetic"] is True
    assert section["currency"] == "EUR"
    assert section["open"] == {"invoices": 10, "amount": "3583.0000"}
    assert section["dso"] == {"value": "93.63"}  # 3583 of 3444 billed in 90 days
    assert section["early_warning"][0]["month"] == "2024-09-01"


def test_json_says_why_a_figure_has_no_value() -> None:
    [section] = audit_json(audit(a_portfolio(1), AS_OF), synthetic=False)["sections"]
    assert section["dso"] == {"value": None, "reason": "NO_SALES"}


def test_the_terminal_says_the_main_figures() -> None:
    found = audit(a_portfolio(), AS_OF)
    assert "DSO" in overview(found)
    assert summary(found).startswith("On 15 March 2026: €3,583 owed on 10 invoices, 86% past due")


def test_before_the_first_invoice_the_terminal_says_so() -> None:
    found = audit(a_portfolio(), datetime(2020, 1, 1, tzinfo=UTC))
    assert overview(found) == ""
    assert summary(found) == (
        "No invoice had been issued by 1 January 2020: there is nothing to audit"
    )


def test_the_command_writes_both_files_twice_the_same(tmp_path: Path) -> None:
    write_tables(a_portfolio(), tmp_path / "data", metadata={"synthetic": True})
    written = []
    for name in ("one", "two"):
        page, figures = tmp_path / f"{name}.html", tmp_path / f"{name}.json"
        arguments = ["audit", str(tmp_path / "data"), "--as-of", "2026-03-15"]
        result = CliRunner().invoke(main, [*arguments, "--html", str(page), "--json", str(figures)])
        assert result.exit_code == 0, result.output
        assert "(synthetic data); written to" in result.output.splitlines()[-1]
        written.append((page.read_bytes(), figures.read_bytes()))
    assert written[0] == written[1]
    assert b"Synthetic data" in written[0][0]


def test_the_command_needs_no_file_to_write(tmp_path: Path) -> None:
    write_tables(a_portfolio(), tmp_path / "data")
    result = CliRunner().invoke(main, ["audit", str(tmp_path / "data"), "--as-of", "2019-01-01"])
    assert result.exit_code == 0
    assert result.output.splitlines() == [
        "No invoice had been issued by 1 January 2019: there is nothing to audit"
    ]


@pytest.mark.parametrize("text", ["{", "[1]"])
def test_a_broken_metadata_file_stops_the_report(tmp_path: Path, text: str) -> None:
    (tmp_path / "metadata.json").write_text(text)
    with pytest.raises(InputError, match=r"metadata\.json"):
        is_synthetic(tmp_path)


@pytest.mark.parametrize(
    ("text", "answer"),
    [('{"synthetic": true}', True), ('{"synthetic": "yes"}', False), ("{}", False)],
)
def test_only_a_plain_true_marks_data_as_made_up(tmp_path: Path, text: str, answer: bool) -> None:
    (tmp_path / "metadata.json").write_text(text)
    assert is_synthetic(tmp_path) is answer
