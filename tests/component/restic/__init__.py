"""Restic."""
