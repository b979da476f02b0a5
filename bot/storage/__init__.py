"""The database: one writer, readers beside it, and all SQL of the bot."""
