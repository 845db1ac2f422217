"""The tests. A package, since IPython 7 has a `tests` that would come before a plain folder."""
