from hemicycle.record.apps import Slice


class Room(Slice):
    name = "hemicycle.room"
