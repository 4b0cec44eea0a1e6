"""Business figures in Chinese part the thousands with commas; Django's table parts nothing."""

THOUSAND_SEPARATOR = ","
NUMBER_GROUPING = 3
