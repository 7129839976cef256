"""The panels of a wall, one module each."""
