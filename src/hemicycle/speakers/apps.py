from hemicycle.record.apps import Slice


class Speakers(Slice):
    name = "hemicycle.speakers"
