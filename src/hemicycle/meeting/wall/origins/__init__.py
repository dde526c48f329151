"""Where posts are gathered: one module per protocol, each with `newest` and `still_there`."""
