"""The errors of the engine: one small tree, drawn here.

TenorError
└── InputError            something a person gave cannot be used; the message names place and remedy
    ├── PolicyError       in the policy file
    ├── LawError          in a jurisdiction pack, or a case that the law cannot judge
    └── ModelError        in a model directory, or the history is too thin to learn from

Expected refusals (rows that cannot be read, rules that forbid a contact) are values in a
result, never exceptions.
"""


class TenorError(Exception):
    """The root: catching it catches whatever the engine raises on purpose."""


class InputError(TenorError):
    """Something given to the engine cannot be used; the message says where and what to do."""


class PolicyError(InputError):
    """The policy file has a key or a value that cannot be used."""


class LawError(InputError):
    """A jurisdiction pack, or the facts of a case put to it, cannot be used."""


class ModelError(InputError):
    """A model directory cannot be read, or the history is too thin to learn from."""
