"""A message as plain words: the twin of the HTML mail, and what the case shows."""

from tenor.engine.payments.iban import format_iban
from tenor.platform.wording import forms
from tenor.platform.wording.draft import Draft, Form
from tenor.platform.wording.facts import shown_reference


def plain(draft: Draft) -> str:
    """Return a message as plain words, with the table, how to pay, and the foot."""
    if draft.form is not Form.LONG:
        return forms.plain_blanks("\n\n".join((*draft.paragraphs, *draft.after))) + "\n"
    parts = [
        draft.greeting,
        *draft.paragraphs,
        _table(draft),
        _payment(draft),
        *draft.after,
        "\n".join(draft.closing),
        _foot(draft),
    ]
    return forms.plain_blanks("\n\n".join(part for part in parts if part)) + "\n"


def _table(draft: Draft) -> str:
    if not draft.lines:
        return ""
    words = draft.words
    # What was paid or credited is shown where something was; else the amounts are the same.
    partly = any(line.open != line.asked for line in draft.lines)
    heads = [words["invoice"], words["dated"], words["due"]]
    heads += [words["asked"], words["open"]] if partly else [words["open"]]
    rows = [heads]
    for line in draft.lines:
        amounts = [line.asked, line.open] if partly else [line.open]
        rows.append([line.number, line.issued, line.due, *amounts])
    rows.append([words["total"], "", "", *[""] * partly, draft.total])
    widths = [max(len(row[column]) for row in rows) for column in range(len(heads))]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if place < 3 else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    )


def _payment(draft: Draft) -> str:
    pay, words = draft.pay, draft.words
    if pay is None:
        return ""
    lines = [
        words["how_to_pay"],
        f"{words['holder']}: {pay.holder}",
        f"{words['account']}: {format_iban(pay.iban)}",
        f"{words['bic']}: {pay.bic}" if pay.bic else "",
        f"{words['reference']}: {shown_reference(pay.reference)}" if pay.reference else "",
        f"{words['online']} {draft.links.page}" if draft.links.page else "",
    ]
    return "\n".join(line for line in lines if line)


def _foot(draft: Draft) -> str:
    sender, words, links = draft.sender, draft.words, draft.links
    lines = [
        "-- ",
        ", ".join((sender.name, *sender.address)),
        " · ".join(part for part in (sender.phone, sender.email, sender.website) if part),
        *sender.imprint,
        f"{words['privacy']}: {links.privacy}" if links.privacy else "",
        f"{words['stop']}: {links.stop}" if links.stop else "",
    ]
    return "\n".join(line for line in lines if line)
