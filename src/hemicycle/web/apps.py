from hemicycle.record.apps import Slice


class Web(Slice):
    name = "hemicycle.web"
