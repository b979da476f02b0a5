"""A Telegram bot for a person's own account at an SMS-activation provider."""

__version__ = "0.2.0"
