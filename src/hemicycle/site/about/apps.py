from hemicycle.record.apps import HemicycleAppConfig


class AboutConfig(HemicycleAppConfig):
    name = "hemicycle.site.about"
