"""Everything that may die dies, while instances with every executable element run: nothing is lost, nothing doubled."""
