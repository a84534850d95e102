"""Settings, identity and admission: what a pod is given, and what it is allowed."""
