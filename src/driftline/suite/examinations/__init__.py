"""The examinations of the checks: each module sends requests and judges the responses."""
