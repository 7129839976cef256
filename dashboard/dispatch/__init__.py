"""一键调度: an area becomes one order to all its grids, and the order's progress a map."""
