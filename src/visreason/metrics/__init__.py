"""Honest scores: accuracy with intervals, invalid answers, average precision, confusion; and pictures."""
