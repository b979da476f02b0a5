"""Client of the provider's HTTP API."""
