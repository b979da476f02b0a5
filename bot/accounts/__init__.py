"""Who a user is, their API key and their limits."""
