"""Life of an activation: purchase, reconciliation, status checks, the user's steps, and polling."""
