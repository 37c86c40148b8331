"""Tests of the tickets room."""
