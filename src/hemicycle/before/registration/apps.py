from hemicycle.record.apps import HemicycleAppConfig


class RegistrationConfig(HemicycleAppConfig):
    name = "hemicycle.before.registration"
