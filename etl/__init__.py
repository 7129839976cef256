"""What comes in and goes out: readers, mappings, checks, location, exports."""
