from hemicycle.record.apps import Slice


class Parties(Slice):
    name = "hemicycle.parties"
