"""Runs that are stopped or killed half-way, on a real S3 server."""
