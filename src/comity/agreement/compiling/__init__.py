"""From clauses to a plan: rules, limits, grants, promises, each in its file; `plan_for` puts them together."""
