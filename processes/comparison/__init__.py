"""Two versions of a process side by side: what differs, in words, and what it means for what runs."""
