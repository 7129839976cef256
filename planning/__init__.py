"""The drawing of grids: graphs, solver, repair. Pure; no SQL, no screen."""
