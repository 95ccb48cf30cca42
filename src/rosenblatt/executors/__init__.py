"""Executors: a function of many items, computed by processes or by a Dask cluster."""
