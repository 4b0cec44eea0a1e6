"""What the public sees: forms for enquiries and complaints, and the customer's own signed page."""
