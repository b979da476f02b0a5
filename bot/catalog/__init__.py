"""What can be bought: services, operators, countries, prices and counts."""
