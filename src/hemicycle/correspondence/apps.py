from hemicycle.record.apps import Slice


class Correspondence(Slice):
    name = "hemicycle.correspondence"

    def ready(self) -> None:
        super().ready()
        from hemicycle.correspondence.actions import send_link
        from hemicycle.parties import hooks

        hooks.SEND.append(send_link)
