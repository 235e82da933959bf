"""Cohort queries over health events in milliseconds, k-anonymity, and a gate that nothing identifying passes."""
