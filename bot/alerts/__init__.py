"""Availability alerts: what users wait for, and the loop that checks it."""
