"""Reconcile."""
