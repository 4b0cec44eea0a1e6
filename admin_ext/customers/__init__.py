"""The account's page: the whole story of a customer, and what stands beside it."""
