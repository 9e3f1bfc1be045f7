"""What people may ask about their own data: requests, objection, export, erasure, human review."""
