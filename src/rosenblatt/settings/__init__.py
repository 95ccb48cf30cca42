"""The settings of a training: one description for the command line, files and the studio."""
