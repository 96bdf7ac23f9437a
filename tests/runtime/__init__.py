"""Tests of what generated clients stand on."""
