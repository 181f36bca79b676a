"""The objects around a resource: how each is named, built, recognized and checked, from the observed state alone.

Nothing here writes, and nothing here knows in which state a resource is: that is reconcile's.
"""
