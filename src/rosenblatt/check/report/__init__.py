"""The report of a check: findings, their texts and their order, the page."""
