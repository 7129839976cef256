"""区域热力: any figure as a map, over time, against something, and where it is more than chance."""
