"""The pages. Each has a path, a name for the header, `layout(desk, search)` and `register(app, desk)`."""
