"""What a call comes to: its outcome and its duration."""
