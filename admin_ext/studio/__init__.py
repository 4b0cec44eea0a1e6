"""The studio: where owners redraw their processes in the browser."""
