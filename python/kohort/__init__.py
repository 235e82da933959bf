"""Cohort queries over health events in milliseconds, k-anonymity, and a gate that nothing identifying passes."""

from kohort.microdata import RiskReport, k_anonymity, register_accessors, risk_report

__all__ = ["RiskReport", "k_anonymity", "register_accessors", "risk_report"]
