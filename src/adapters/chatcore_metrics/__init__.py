"""Metrics for Prometheus, and whether a server is well: by HTTP, on a place of their own (`chatcore[metrics]`)."""

from chatcore_metrics.endpoint import Admin

__all__ = ["Admin"]
