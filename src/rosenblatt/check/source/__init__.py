"""What a student's file says: its text, words in names, arguments; which parts were checked."""
