from hemicycle.record.apps import Slice


class Questions(Slice):
    name = "hemicycle.questions"
