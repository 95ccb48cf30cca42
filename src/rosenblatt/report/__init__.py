"""The report: every figure, table and formula of the source, regenerated and measured again.

:func:`build_report` runs the experiments and writes a folder with one self-contained page;
:func:`write_report` does the writing for results at hand.
"""

from rosenblatt.report.build import ReportSummary, build_report, write_report

__all__ = ["ReportSummary", "build_report", "write_report"]
