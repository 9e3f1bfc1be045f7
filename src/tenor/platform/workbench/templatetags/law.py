"""How the screens about the law write a date: always with its year, for rules outlive years."""

from datetime import date

from django import template

from tenor.platform.workbench.words import short_date

register = template.Library()


@register.filter
def dated(value: date | None) -> str:
    """Write a date with its year: 1 Jul 2026."""
    return short_date(value, "j M Y") if value else "–"
