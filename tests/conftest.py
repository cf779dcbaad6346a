"""For every test: Hypothesis searches the same examples each time, so that a red test is red again."""

from hypothesis import settings

settings.register_profile("comity", derandomize=True, deadline=None, database=None, print_blob=True)
settings.load_profile("comity")
