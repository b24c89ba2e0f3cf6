"""What did the user write: text read into plain values, plain values into checked ones, with every fault named."""
