"""Sentences that people read, in Korean and English, and how numbers and dates are written in both."""
