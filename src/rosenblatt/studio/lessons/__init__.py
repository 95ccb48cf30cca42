"""Lessons of the studio: texts with settings, and questions whose answers are computed.

A lesson is one text file: settings between two lines of ``+++``, in TOML, and Markdown below. The
format is in ``docs/lessons.md``.
"""

from rosenblatt.studio.lessons.answers import Answer, check_answer, check_lesson
from rosenblatt.studio.lessons.lesson import (
    Lesson,
    Measure,
    Question,
    read_lesson,
    shipped_lessons,
)

__all__ = [
    "Answer",
    "Lesson",
    "Measure",
    "Question",
    "check_answer",
    "check_lesson",
    "read_lesson",
    "shipped_lessons",
]
