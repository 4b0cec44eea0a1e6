"""The app of the flows that are written by hand on stock Viewflow."""

from __future__ import annotations

from django.apps import AppConfig


class StockConfig(AppConfig):
    name = "tests.bench.stock"
    label = "bench_stock"
