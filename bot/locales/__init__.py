"""The catalogs of the languages other than English, which is the source."""
