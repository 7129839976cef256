"""What `data.memory` promises: memory that was freed goes back to the system."""

import sys

import numpy as np
import psutil
import pytest

from data.memory import give_back


@pytest.mark.skipif(sys.platform != "linux", reason="only glibc keeps freed memory in this way")
def test_freed_memory_goes_back_to_the_system():
    # Pieces below glibc's threshold for separate mappings, the last one kept, so that the heap cannot shrink by itself.
    pieces = [np.ones(12_000) for _ in range(2_000)]
    last = pieces.pop()
    held = psutil.Process().memory_info().rss
    pieces.clear()
    give_back()
    assert last[0] == 1
    assert held - psutil.Process().memory_info().rss > 100_000_000
