from hemicycle.record.apps import HemicycleAppConfig


class PeopleConfig(HemicycleAppConfig):
    name = "hemicycle.hearing.people"
