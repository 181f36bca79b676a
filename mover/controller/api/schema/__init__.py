"""The fields of both resources, each declared once: how it is explained, what it takes, and how it is read.

`mover.controller.api.spec` reads a resource with these declarations, and `generate` writes the
CustomResourceDefinitions from them, so that what the API server accepts and what the controller reads can't drift
apart. Nothing here knows what a field is used for.
"""
