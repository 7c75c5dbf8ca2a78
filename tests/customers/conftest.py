"""What holds for all tests of customers."""

import matplotlib.pyplot as plt
import pytest


@pytest.fixture(autouse=True)
def _no_picture_stays_open():
    yield
    plt.close("all")
