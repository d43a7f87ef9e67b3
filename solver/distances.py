"""Geodesic distances of the search (WGS 84, by pyproj); the judge has its own."""
