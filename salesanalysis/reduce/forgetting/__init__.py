"""Test scores and refreshers → the small frames of the forgetting family, and what is wrong.

Everything takes the tables ``scores`` and ``refreshers`` of :mod:`salesanalysis.columns`, as Ibis
tables or DataFrames. A *course* is one training of one learner in one skill.
"""

from salesanalysis.reduce.forgetting.frames import counts, courses, scored_tests
from salesanalysis.reduce.forgetting.known_forgetting import known
from salesanalysis.reduce.forgetting.quality import checks

__all__ = ["checks", "counts", "courses", "known", "scored_tests"]


__dir__ = __all__.copy
