"""The screens about the law: what each pack says, its cases, and the organisation's own reading."""
