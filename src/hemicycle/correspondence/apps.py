from hemicycle.record.apps import Slice


class Correspondence(Slice):
    name = "hemicycle.correspondence"
