from hemicycle.record.apps import Slice


class Statements(Slice):
    name = "hemicycle.statements"
