"""未诉先办: what the next days will bring, by community and category down to grids, and where more came than was to be expected."""
