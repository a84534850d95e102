"""Workloads: rollouts, replicas, autoscalers, disruption budgets, Jobs and CronJobs."""
