from hemicycle.record.apps import HemicycleAppConfig


class ApiConfig(HemicycleAppConfig):
    name = "hemicycle.site.api"
