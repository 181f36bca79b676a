"""What `make` calls: fetching the programs that the tests and the demo run with, building the image, the demo.

Standard library only: these run before the virtual environment exists. Each program is taken the usual way, as its
publisher releases it; `tools.offline` holds the ways for machines that have no such access.
"""
