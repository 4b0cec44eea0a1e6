"""The CRM: domains that register what they offer with the engine's door and hold the customer's records."""
