from hemicycle.record.apps import HemicycleAppConfig


class SecurityConfig(HemicycleAppConfig):
    name = "hemicycle.site.security"
