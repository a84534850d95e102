"""Nodes, aggregated APIs, admission webhooks, namespaces: what the platform team keeps well."""
