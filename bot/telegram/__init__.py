"""The Telegram side: handlers, buttons, texts, and the messenger of the outbox."""
