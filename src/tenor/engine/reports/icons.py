"""Small signs for what will be done; each stands beside its word, never alone."""

from markupsafe import Markup

# Strokes on a field of 16 by 16.
_STROKES = {
    "email": "M2 4h12v8.5H2zM2 4.5l6 4.5 6-4.5",
    "sms": "M2 3h12v8H7l-3 2.5V11H2z",
    "push": "M4 11V7a4 4 0 0 1 8 0v4l1 1H3zM7 14h2",
    "letter": "M4 1.5h5.5L13 5v9.5H4zM9.5 1.5V5H13M6 8h5M6 10.5h5",
    "call": "M4 2l2.2.6.7 2.7-1.4 1.3a8 8 0 0 0 3.9 3.9l1.3-1.4 2.7.7.6 2.2-1.2 1.4"
    "C8 14 2 8 2.6 3.2z",
    "wait": "M8 2a6 6 0 1 0 0 12A6 6 0 1 0 8 2M8 5v3.2l2.2 1.6",
    "person": "M8 8a3 3 0 1 0 0-6 3 3 0 0 0 0 6M2.5 14.5c.6-3 2.7-4.5 5.5-4.5s4.9 1.5 5.5 4.5",
    "escalate": "M4 14.5V2h8l-2 3 2 3H4",
}
_OTHER = "M8 4.5a3.5 3.5 0 1 0 0 7 3.5 3.5 0 1 0 0-7"


def icon(name: str) -> Markup:
    """Return the sign of a channel or verdict; a plain ring for words that have none."""
    return Markup(
        '<svg class="icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">'
        f'<path d="{_STROKES.get(name.lower(), _OTHER)}"/></svg>'
    )
