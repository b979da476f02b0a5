"""A provider and a Bot API in memory, and a chat page, for the demo, the tests and the benchmarks."""
