"""The one-map page's parts: a module a panel, each the owner of its component ids and outputs."""
