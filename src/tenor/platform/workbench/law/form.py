"""The form that changes one provision from a day on: what stands in it, and what was typed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from tenor.engine.law.pack import Binding, Confidence, InForce, Provision
from tenor.platform.core.errors import Invalid
from tenor.platform.governance.lawtext import NewRow
from tenor.platform.workbench.law import fields, words

_VALUE = "value."


@dataclass(frozen=True)
class ChangeForm:
    """The form of a provision: its values, from when they hold, and where they come from."""

    since: str
    fields: list[fields.Field]
    source: str
    confidence: str
    binding: str
    confidences: list[tuple[str, str | Promise]]
    bindings: list[tuple[str, str | Promise]]
    since_error: str = ""
    source_error: str = ""


def form_of(
    provision: Provision,
    day: date,
    given: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
) -> ChangeForm:
    """Return the form as it stands on a day; with `given` what somebody typed."""
    typed, wrong = given or {}, errors or {}
    tomorrow = day + timedelta(days=1)
    return ChangeForm(
        since=typed.get("since", tomorrow.isoformat()),
        fields=fields.fields(_row(provision, day).written, _values(typed), wrong),
        source=typed.get("source", ""),
        confidence=typed.get("confidence", Confidence.HIGH.value),
        binding=typed.get("binding", Binding.POLICY.value),
        confidences=[(code, name) for code, (name, _meaning) in words.CONFIDENCE.items()],
        bindings=list(words.BINDING.items()),
        since_error=wrong.get("since", ""),
        source_error=wrong.get("source", ""),
    )


def row_of(provision: Provision, day: date, given: Mapping[str, str]) -> NewRow:
    """Return what was typed as a row; raises `fields.Unfit` naming every field that is wrong."""
    errors: dict[str, str] = {}
    since, values = day, {}
    try:
        since = date.fromisoformat(given.get("since", ""))
    except ValueError:
        errors["since"] = _("A date, please: from when it holds.")
    if not given.get("source", "").strip():
        errors["source"] = _("Say where this comes from: a source, or your own decision.")
    try:
        values = fields.values(_row(provision, day).written, _values(given))
    except fields.Unfit as unfit:
        errors |= unfit.errors
    if errors:
        raise fields.Unfit(errors)
    return NewRow(
        since=since,
        values=values,
        source=given["source"].strip(),
        confidence=_one_of(given.get("confidence", ""), words.CONFIDENCE, "confidence"),
        binding=_one_of(given.get("binding", ""), words.BINDING, "binding"),
    )


def _row(provision: Provision, day: date) -> InForce:
    """Return the row whose values the form begins with: of the day, else the last that is known."""
    today = provision.on(day)
    if today is not None and today.says is not None:
        return today
    known = [row for row in provision.rows if row.says is not None]
    return known[-1] if known else provision.rows[-1]


def _values(given: Mapping[str, str]) -> dict[str, str]:
    return {
        name.removeprefix(_VALUE): str(text)
        for name, text in given.items()
        if name.startswith(_VALUE)
    }


def _one_of(value: str, known: Mapping[Any, Any], name: str) -> str:
    if value not in known:
        raise Invalid(_("Choose one of the list."), field=name)
    return value
