"""The wall: a full screen of one place, made of panels that a layout in TOML puts in their places."""
