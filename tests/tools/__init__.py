"""Tests of the scripts that fetch the tools."""
