"""The life of a number, from the purchase to its end."""
