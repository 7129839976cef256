"""重算时限: deadlines made anew by an administrator, looked at before they are written."""
