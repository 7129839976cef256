"""Playback: the page on which a past interval runs again."""
