"""Rehearsals: a drawing runs on the real engine with throw-away data, and process tests are recorded from it."""
