"""The image as it is run: by a Docker engine, beside MinIO in a container."""
