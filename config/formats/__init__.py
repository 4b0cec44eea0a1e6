"""Formats of numbers where the company writes them differently from Django's table."""
