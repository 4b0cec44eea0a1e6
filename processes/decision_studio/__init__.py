"""What the page of a decision asks: its versions, its table to edit, what is found in it, answers to try, differences."""
