"""History: past purchases, statistics with charts, the export, and the deletion of a user's data."""
