"""A steady load: disputes of a bank's customers, after the model of Camunda's public sizing guide.

For each dispute about fifty called instances, 560 flow nodes, a hundred tasks and 11 KB of variables.
"""
