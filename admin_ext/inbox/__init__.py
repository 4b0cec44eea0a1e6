"""The inbox and the page of a task: home of everybody who works here."""
