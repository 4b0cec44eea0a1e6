"""Imports from upload to report, the mail outbox, and business to be matched."""
