"""What did the user write: text to plain values, plain values to checked ones, every fault named."""
