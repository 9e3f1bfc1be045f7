"""What the platform may refuse, and how a surface answers.

TenorError
├── Refused        what was asked cannot be done as things stand (409)
│   └── Invalid    a value that was given is wrong; `field` names it (422)
├── NotFound       there is no such thing for this actor (404)
└── Forbidden      the actor's role or key does not include it (403)
"""


class TenorError(Exception):
    """The root: a message for a person, which says what happened and what to do."""

    status = 400

    def __init__(self, message: str) -> None:
        """Keep the message, already translated."""
        super().__init__(message)
        self.message = message


class Refused(TenorError):
    """What was asked cannot be done as things stand; nothing was changed."""

    status = 409


class Invalid(Refused):
    """A value that was given is wrong; nothing was changed."""

    status = 422

    def __init__(self, message: str, *, field: str = "") -> None:
        """Keep the message and the name of the field at fault."""
        super().__init__(message)
        self.field = field


class NotFound(TenorError):
    """There is no such thing, or not in this organisation: the answer is the same."""

    status = 404


class Forbidden(TenorError):
    """The actor's role or key does not include this."""

    status = 403
