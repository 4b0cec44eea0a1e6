"""What the recorded work tells: decisions taken again by another version, and how they would differ."""
