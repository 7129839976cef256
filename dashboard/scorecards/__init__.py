"""Lists and ratings: drafts, publicity, appeals, final lists; every score opens its parts, every part its cases."""
