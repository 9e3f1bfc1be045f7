"""What comes back: replies, bounces, complaints, opt-outs, each joined to its message."""
