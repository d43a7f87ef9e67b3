"""Exhaustive search for tiny instances: the yardstick of the tests."""
