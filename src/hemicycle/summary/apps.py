from hemicycle.record.apps import Slice


class Summary(Slice):
    name = "hemicycle.summary"
