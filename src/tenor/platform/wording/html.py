"""A message as an HTML mail: one table layout, styles inlined, dark mode, no script, no tracking.

Outlook knows tables, widths and colours as attributes; Apple Mail and Gmail read the styles. The
only picture that is ever fetched tells that the mail was opened, for those who agreed to it.
"""

from functools import cache

import css_inline
from django.template.loader import render_to_string
from django.utils.html import escape, urlize
from django.utils.safestring import SafeString, mark_safe

from tenor.engine.payments.iban import format_iban
from tenor.platform.wording import colours
from tenor.platform.wording.draft import Draft
from tenor.platform.wording.facts import shown_reference

TEMPLATE = "wording/message.html"
# What a list of mails shows beside the subject.
_PREHEADER = 110


def html(draft: Draft) -> str:
    """Return a message as an HTML document, its styles inlined."""
    page = render_to_string(TEMPLATE, _context(draft))
    return str(_inliner().inline(page))


def _context(draft: Draft) -> dict[str, object]:
    ground = draft.sender.colour or colours.USUAL
    pay = draft.pay
    return {
        "draft": draft,
        "paragraphs": [_shown(text) for text in draft.paragraphs],
        "after": [_shown(text) for text in draft.after],
        "words": draft.words,
        "preheader": " ".join(" ".join(draft.paragraphs).split())[:_PREHEADER],
        "ground": ground,
        "on_ground": colours.text_on(ground),
        "link": colours.readable(ground, colours.WHITE),
        "dark_link": colours.readable(ground, colours.DARK),
        "iban": format_iban(pay.iban) if pay else "",
        "reference": shown_reference(pay.reference) if pay else "",
        # What was paid or credited has a column where something was.
        "partly": any(line.open != line.asked for line in draft.lines),
        "contact": [part for part in (draft.sender.phone, draft.sender.email) if part],
    }


def _shown(text: str) -> SafeString:
    """Return a paragraph as HTML: everything escaped, addresses as links, lines kept."""
    # Looking for addresses takes longer than all the rest, and few paragraphs have one.
    has_link = "://" in text or "www." in text
    shown = urlize(text, autoescape=True) if has_link else escape(text)
    return mark_safe(shown.replace("\n", "<br>"))


@cache
def _inliner() -> css_inline.CSSInliner:
    return css_inline.CSSInliner(load_remote_stylesheets=False, keep_style_tags=False)
