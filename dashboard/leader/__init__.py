"""领导驾驶舱: ten minutes a morning. How it stands, what needs attention and why, what was promised, what is coming."""
