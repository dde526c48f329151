from hemicycle.record.apps import Slice


class Registration(Slice):
    name = "hemicycle.registration"
