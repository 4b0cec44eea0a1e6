"""Notices: what a person is told, and how that comes to them."""
