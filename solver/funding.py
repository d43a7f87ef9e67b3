"""Amounts of the search: what a grappe is worth, its lines and its regions; the judge has its own."""
