from hemicycle.record.apps import HemicycleAppConfig


class OutgoingMailConfig(HemicycleAppConfig):
    name = "hemicycle.mail.outgoing"
    label = "outgoing"
