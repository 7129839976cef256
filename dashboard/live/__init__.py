"""What changes on open screens by itself: channels, ticks, the socket."""
