"""A lab on a page without a kernel: a picture that stands still."""

import base64
import io

from matplotlib.figure import Figure


class Still:
    """The part of a lab, before `ipywidgets.VBox`, that adds its `figure` to what a notebook stores."""

    def figure(self) -> Figure:
        """The lab as it is now."""
        raise NotImplementedError

    def widget_bundle(self, **kwargs) -> dict:
        """What a notebook stores, without the picture."""
        return super()._repr_mimebundle_(**kwargs)

    def _repr_mimebundle_(self, **kwargs):
        """The widget, and a still picture for a page without a kernel."""
        png = io.BytesIO()
        self.figure().savefig(png, format="png")
        return self.widget_bundle(**kwargs) | {"image/png": base64.b64encode(png.getvalue()).decode()}
