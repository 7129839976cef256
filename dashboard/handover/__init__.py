"""交接班: the sheet a shift leaves to the next."""
