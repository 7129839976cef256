"""Boards: the cases of a kind in columns, one a stage, made from the kind's definition."""
