"""A workshop: sliders for a room to turn, pictures that follow, and scenarios that become reports.

``notebooks/workshop.ipynb`` puts it together; :func:`serve` shows that notebook as a page, by
Voilà. The package needs the extra ``workshop``.
"""

from salesanalysis.workshop.controls import Choice, Slider, Switches
from salesanalysis.workshop.customers_view import CustomersView
from salesanalysis.workshop.forecast_view import ForecastView
from salesanalysis.workshop.forgetting_view import ForgettingView
from salesanalysis.workshop.funnel_view import FunnelView
from salesanalysis.workshop.incentive_view import IncentiveView
from salesanalysis.workshop.look import Look, View
from salesanalysis.workshop.panel import Panel
from salesanalysis.workshop.room import Room
from salesanalysis.workshop.scenario import Scenario, save
from salesanalysis.workshop.serving import serve

__all__ = [
    "Choice",
    "CustomersView",
    "ForecastView",
    "ForgettingView",
    "FunnelView",
    "IncentiveView",
    "Look",
    "Panel",
    "Room",
    "Scenario",
    "Slider",
    "Switches",
    "View",
    "save",
    "serve",
]


__dir__ = __all__.copy
