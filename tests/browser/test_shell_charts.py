"""Every form of chart: drawn with its labels, redrawn for the night, a door where it has one."""

import json
import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

WEEKS = ["10", "11", "12", "13"]
FORMS: dict[str, tuple[dict[str, Any], list[str]]] = {
    "bars": (
        {"names": ["E-mail", "Letter"], "series": [{"name": "All", "values": [214, 33]}]},
        ["E-mail", "Letter", "214", "33"],
    ),
    "lines": (
        {
            "names": WEEKS,
            "today": 1,
            "write": {"money": "EUR"},
            "series": [
                {"name": "Tenor", "values": [9, 8, 7, 6], "low": [None, None, 6, 4],
                 "high": [None, None, 8, 8]},
                {"name": "Control", "dashed": True, "values": [9, 9, None, None]},
            ],
        },
        ["Tenor", "Control", "€10"],
    ),
    "heatmap": (
        {"across": ["Mon", "Tue"], "down": ["09", "17"], "chosen": [1, 1],
         "cells": [[0, 0, 1.5], [1, 0, -0.5], [0, 1, None], [1, 1, 2.5]]},
        ["Mon", "Tue", "09", "17"],
    ),
    "ageing": (
        {"parts": [{"name": "not due", "value": 310000}, {"name": "late", "value": 12.5}],
         "write": {"money": "EUR"}},
        ["not due", "late", "€310K"],
    ),
    "funnel": (
        {"steps": [{"name": "Sent", "value": 200}, {"name": "Paid", "value": 50}]},
        ["Sent", "200 · 100%", "50 · 25%"],
    ),
    "hours": ({"names": ["08", "12"], "values": [3, 30], "open": [0, 1]}, ["08", "12"]),
}  # fmt: skip


def drawn(page: Page, form: str, data: dict[str, Any]) -> None:
    """Put a chart into a page of ours, as a template would."""
    page.goto("/account/login/")
    page.evaluate(
        """([form, data]) => {
            const place = document.querySelector("main")
            place.style.width = "700px"
            place.innerHTML = `<script type="application/json" id="data">${data}</script>
                <div class="chart" data-chart="${form}" data-source="data" role="img"></div>`
            document.dispatchEvent(new Event("tenor:theme"))
        }""",
        [form, json.dumps(data)],
    )
    expect(page.locator(".chart svg")).to_be_visible()


@pytest.mark.parametrize("form", FORMS)
def test_a_chart_is_drawn_with_its_labels(page: Page, form: str) -> None:
    data, labels = FORMS[form]
    drawn(page, form, data)
    written = page.locator(".chart svg text").all_text_contents()
    assert set(labels) <= set(written)


def test_a_chart_of_nothing_stays_quiet(page: Page) -> None:
    drawn(page, "bars", {"names": [], "series": [{"name": "All", "values": []}]})
    drawn(page, "heatmap", {"across": ["Mon"], "down": ["09"], "cells": [[0, 0, None]]})


def test_a_chart_is_redrawn_for_the_night(page: Page) -> None:
    drawn(page, "funnel", FORMS["funnel"][0])
    day = page.locator(".chart svg").inner_html()
    page.evaluate(
        """() => {
            document.documentElement.dataset.bsTheme = "dark"
            document.dispatchEvent(new Event("tenor:theme"))
        }"""
    )
    expect(page.locator(".chart svg")).to_be_visible()
    night = page.locator(".chart svg").inner_html()
    assert "#0b5c63" in day
    assert "#5fc4c4" in night
    assert "#0b5c63" not in night


def test_a_part_of_a_chart_is_a_door(page: Page) -> None:
    data = {"parts": [{"name": "late", "value": 10, "url": "/account/password/reset/"}]}
    drawn(page, "ageing", data)
    page.locator(".chart svg path[fill='#9aa5ad']").first.click()
    expect(page).to_have_url(re.compile("/account/password/reset/$"))


def test_names_in_a_chart_are_text(page: Page) -> None:
    data = {"steps": [{"name": "<img src=x onerror=alert(1)>", "value": 3}]}
    drawn(page, "funnel", data)
    page.locator(".chart svg path").nth(1).hover()
    assert page.locator(".chart img").count() == 0
