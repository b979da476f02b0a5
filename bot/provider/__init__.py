"""The provider's HTTP API: requests in, domain values and errors of the tree out."""
