"""Migrations of the database, in order, applied at start."""
