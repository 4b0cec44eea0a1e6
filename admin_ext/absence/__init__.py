"""Absence: one's own, that of the people one leads, and their work in other hands."""
