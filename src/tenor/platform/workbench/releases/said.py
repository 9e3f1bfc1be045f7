"""The texts and the law of a release on its page: what differs, and what the linter says of it."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from tenor.platform.governance.law import check_law
from tenor.platform.governance.queries import text_difference
from tenor.platform.releases.parts import carried
from tenor.platform.wording.draft import Form, Kind
from tenor.platform.wording.queries import findings_of, live_template, written
from tenor.platform.wording.texts import built_in
from tenor.platform.workbench.law.shown import changes_shown
from tenor.platform.workbench.messages.findings import shown
from tenor.platform.workbench.releases.shown import text_name


def words_of(release: Any) -> dict[str, Any]:
    """Return what a release changes in texts and law, each beside what holds without it."""
    mine = carried(release)
    replaced = {row.text_id: row.replaced for row in release.texts.select_related("replaced")}
    return {
        "texts": [_text(release, row, replaced.get(row.pk)) for row in mine.texts],
        "law": None if mine.law is None else {
            "row": mine.law, "changes": changes_shown(check_law(mine.law.text).changes),
        },
    }  # fmt: skip


def _text(release: Any, row: Any, replaced: Any) -> dict[str, Any]:
    before = replaced or _in_use(row)
    if before is None:
        text = built_in(Kind(row.kind), Form(row.form), row.tone, row.language)
        name, subject, body = _("the built-in text"), text.subject, written(text)
    else:
        name = _("version %(number)s") % {"number": before.number}
        subject, body = before.subject, before.body
    sides = (_whole(row.form, subject, body), _whole(row.form, row.subject, row.body))
    place = [release.organisation.slug, row.kind, row.form, row.tone, row.language]
    return {
        "name": text_name(row),
        "number": row.number,
        "href": reverse("workbench:message_text", args=place) + f"?version={row.number}",
        "before": name,
        "language": row.language,
        "lines": text_difference(*sides),
        "findings": shown(findings_of(row)),
    }


def _in_use(row: Any) -> Any:
    """Return the own text that is in use at the place of another; nothing where it is that one."""
    found = live_template(row.organisation, row)
    return None if found is None or found.pk == row.pk else found


def _whole(form: str, subject: str, body: str) -> str:
    """Return a text with the subject over it, where its form has one."""
    return f"{subject}\n\n{body}" if form == Form.LONG else body
