from hemicycle.record.apps import Slice


class Webcast(Slice):
    name = "hemicycle.webcast"
