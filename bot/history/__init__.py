"""A user's past purchases: pages, sums, export and deletion."""
