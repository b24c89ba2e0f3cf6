"""The peers: other programs that play the workload, each as its users would write it."""
