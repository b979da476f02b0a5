"""Users, their API keys and their preferences."""
