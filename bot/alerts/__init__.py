"""Availability alerts: their storage and rules, and the loop that checks availability."""
