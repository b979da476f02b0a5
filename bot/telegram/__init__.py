"""Everything of Telegram: handlers, buttons, words, and the messenger that the courier sends through."""
