"""Checks of listings: pages, order, filters, searches, and rows that change during a walk."""
