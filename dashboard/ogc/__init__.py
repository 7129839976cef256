"""OGC API – Features parts 1 and 2: places, plans, facilities and events for the maps of other programs."""
