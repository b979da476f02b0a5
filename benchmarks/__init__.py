"""Benchmarks: the speed of the bot's parts relative to the bare operation on the same machine."""
