"""The import page, part by part: drop a file, correct its mapping, look at its rows, take it in, see what stayed out."""
