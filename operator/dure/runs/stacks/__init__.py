"""Many stacks at once: chosen, ordered by their dependencies, worked on side by side within an error budget."""
