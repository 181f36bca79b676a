"""The main job on every backend that a Secret can name, each a real server."""
