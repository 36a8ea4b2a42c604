"""The wire between kernel and page, without the wait that Jupyter's server leaves in it.

TCP holds a small packet back while an older one is not acknowledged (Nagle's algorithm), and the
browser's side acknowledges up to 40 ms late. A picture that follows a kernel's "busy" message
therefore waits: on one machine 30 of the 70 ms between a hand on a slider and the new picture.
"""

from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection


class PromptWebsocketConnection(ZMQChannelsWebsocketConnection):
    """Sends each message at once; for `ServerApp.kernel_websocket_connection_class`."""

    def connect(self):
        """Connect as usual, with TCP_NODELAY."""
        self.websocket_handler.set_nodelay(True)
        return super().connect()
