"""One thing done to many instances: chosen, done one by one in the background, each with what became of it."""
