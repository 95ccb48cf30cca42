"""Grades of the assignment: a rubric's points for what a submission's code computes."""

from typing import TYPE_CHECKING

from rosenblatt.lazy import loads

if TYPE_CHECKING:
    from rosenblatt.grading.grade import Grade, grade_submission
    from rosenblatt.grading.rubric import Rubric, read_rubric
    from rosenblatt.grading.students import student_seed, write_student_data
    from rosenblatt.grading.submissions import Submission, read_submission

__all__ = [
    "Grade",
    "Rubric",
    "Submission",
    "grade_submission",
    "read_rubric",
    "read_submission",
    "student_seed",
    "write_student_data",
]

__getattr__ = loads(
    __name__,
    {
        "Grade": "grade",
        "Rubric": "rubric",
        "Submission": "submissions",
        "grade_submission": "grade",
        "read_rubric": "rubric",
        "read_submission": "submissions",
        "student_seed": "students",
        "write_student_data": "students",
    },
)
