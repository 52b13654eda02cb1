"""The cases, a folder for each mode, a file for each chapter."""
