"""Delivery: the outbox of codes, notices and cards, and the deletion of old messages with codes."""
