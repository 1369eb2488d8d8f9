"""Real sidecars that are killed, paused, cut off and robbed of their disks under load; benchmarks/chaos runs it."""
