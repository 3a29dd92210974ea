"""Audiences: who fits a rule, now and as things happen."""
