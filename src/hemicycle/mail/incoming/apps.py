from hemicycle.record.apps import HemicycleAppConfig


class IncomingMailConfig(HemicycleAppConfig):
    name = "hemicycle.mail.incoming"
    label = "incoming"
