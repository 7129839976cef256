"""The redraw studio: drafts of the plan of grids, drawn, optimised, judged, reviewed and brought into force."""
