"""The edges: one package per vendor; siblings never import each other."""
