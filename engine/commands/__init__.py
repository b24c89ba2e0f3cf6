"""The commands of `dialer`: a module each."""
