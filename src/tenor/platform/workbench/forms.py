"""Forms as every screen draws them, with an action's refusal beside the field at fault."""

from typing import Any

from django import forms

from tenor.platform.core.errors import Refused

_TICKED = (forms.CheckboxInput, forms.RadioSelect, forms.CheckboxSelectMultiple)


class HouseForm(forms.Form):
    """A form whose fields look alike; what an action refused stands beside the field it names."""

    def __init__(self, *args: Any, **options: Any) -> None:
        """Give every widget the class that the style sheet knows."""
        options.setdefault("label_suffix", "")
        super().__init__(*args, **options)
        self.offer()
        for name, field in self.fields.items():
            widget = field.widget
            if isinstance(widget, _TICKED):
                kind = "form-check-input"
            elif isinstance(widget, forms.Select):
                kind = "form-select"
            else:
                kind = "form-control"
            widget.attrs.setdefault("class", kind)
            if self.is_bound and name in self.errors:
                widget.attrs["class"] += " is-invalid"
                widget.attrs["aria-invalid"] = "true"

    def offer(self) -> None:
        """Fill in choices that are known only now; before anything that was given is read."""

    def refused(self, error: Refused) -> None:
        """Show what an action refused."""
        field = getattr(error, "field", "")
        self.add_error(field if field in self.fields else None, error.message)
