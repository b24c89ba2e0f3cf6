"""The life of a number: what it did and waited for, second by second."""
