"""The handlers of updates, one module for each group of screens."""
