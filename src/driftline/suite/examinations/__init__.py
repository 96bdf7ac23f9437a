"""What the checks do: each module sends requests and judges the responses."""
