"""The operator's console: what waits, one case at work, taking a call."""
