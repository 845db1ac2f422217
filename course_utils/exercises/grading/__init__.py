"""Grades a folder of submitted notebooks, each in a process that can reach no other."""
