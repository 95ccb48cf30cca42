"""Small changes of a student's code, each of which undoes a usual mistake."""
