"""Hypothesis strategies, cases and laws, for our tests and for yours."""
