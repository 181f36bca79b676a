"""Kubernetes itself: requests, watches, stores, queues. Imports only the retry delays; knows nothing of restic."""
