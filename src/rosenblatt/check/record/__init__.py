"""Recording of a run: its code with calls of the recorder, and the values that those write down."""
