"""The protocols by which posts are gathered: modules with `newest` and `still_there`."""
