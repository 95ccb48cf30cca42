"""Limits on a student's code: the kernel's rules, time and memory, answers to ``input()``."""
