"""On a phone: my cases, moved with the thumb, and reporting something on the spot; also without a connection."""
