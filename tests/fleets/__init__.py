"""Many clusters, on every engine; with workers killed and stuck on purpose."""
