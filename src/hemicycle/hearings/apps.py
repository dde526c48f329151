from hemicycle.record.apps import Slice


class Hearings(Slice):
    name = "hemicycle.hearings"
