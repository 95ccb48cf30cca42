"""The compiled engine: it compiles what a job computes, for the processor at hand."""
