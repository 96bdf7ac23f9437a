"""Minimizes failing requests, and finds the part that causes a rejection."""
