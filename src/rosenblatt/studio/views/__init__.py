"""Pictures of a frame, one per file: functions of weights that return arrays."""
