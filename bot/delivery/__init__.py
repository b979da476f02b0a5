"""What the bot sends on its own: the outbox, and the deletion of old messages with codes."""
