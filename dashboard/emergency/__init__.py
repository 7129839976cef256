"""Alarms, emergencies and warnings on screen: the strip every page has, the page where they are handled, the printed record."""
