from hemicycle.record.apps import Slice


class Rehearsal(Slice):
    name = "hemicycle.rehearsal"
