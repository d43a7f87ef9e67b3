"""Matchmaker: the web service that forms grappes of ESMS."""

__version__ = "0.1.0"
