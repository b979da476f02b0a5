"""Catalog: countries, services, operators, prices and counts that the provider offers."""
