from importlib import import_module

from hemicycle.record.apps import HemicycleAppConfig


class OutgoingMailConfig(HemicycleAppConfig):
    name = "hemicycle.mail.outgoing"
    label = "outgoing"

    def ready(self) -> None:
        super().ready()
        import_module("hemicycle.mail.outgoing.erasing")
        actions = import_module("hemicycle.mail.outgoing.actions")
        import_module("hemicycle.mail.outgoing.labels").declare()
        entries = import_module("hemicycle.mail.outgoing.calendar_entries")
        hooks = import_module("hemicycle.mail.outgoing.signals")
        hooks.CHORES.append(entries.bring_up_to_date)
        import_module("hemicycle.hearing.people.signals").SEND.append(actions.send_link)
