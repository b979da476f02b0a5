"""SQLite storage: the connections, the migrations, and all SQL, in one module per subject."""
