"""Pages about processes: catalogue, a process, a running one, incidents."""
