"""The peers: other ways to play the workload, each as its users would write it."""
