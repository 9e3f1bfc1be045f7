"""How the plan writes what only it shows: rights, refusals, the engine's reasons."""

from typing import Any

from django import template

from tenor.platform.core.roles import Right
from tenor.platform.decisions.reasons import ALONE_REASONS, REFUSALS, words_of
from tenor.platform.workbench.because import reviews_said as reviews
from tenor.platform.workbench.because import said

register = template.Library()
register.filter("said", said)


@register.filter
def reviews_said(review_reason: str) -> str:
    """Say why a person looks, in the reader's language."""
    return "; ".join(reviews(review_reason))


@register.filter
def may(actor: Any, right: str) -> bool:
    """Say whether the actor has a right, by its name."""
    return bool(actor.may(Right(right)))


@register.filter
def refusal_words(code: str) -> str:
    """Say in words which rule forbids a contact."""
    return words_of(code, REFUSALS, ALONE_REASONS)
