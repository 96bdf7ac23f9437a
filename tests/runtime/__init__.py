"""Tests of the runtime that generated clients are built on."""
