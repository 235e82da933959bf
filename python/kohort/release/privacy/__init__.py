"""Differential privacy: accounting, budgets and noise."""
