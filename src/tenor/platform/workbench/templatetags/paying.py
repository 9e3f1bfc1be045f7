"""What templates about paying need."""

from django import template

from tenor.platform.workbench.paying.words import method_words

register = template.Library()
register.filter("method", method_words)
