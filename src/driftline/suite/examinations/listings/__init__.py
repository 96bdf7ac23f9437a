"""Listings: pages, order, filters, searches, and rows that change meanwhile."""
