"""The base of every app's configuration, and the record's own."""

from importlib import import_module

from django.apps import AppConfig
from django.utils.module_loading import module_has_submodule


class HemicycleAppConfig(AppConfig):
    """Imports an app's `entry_types`, `letters` and `receivers` modules, if it has them."""

    default = False

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        cls.default = True  # or Django, seeing an inherited False, would skip the app

    def ready(self) -> None:
        for name in ("entry_types", "letters", "receivers"):
            if self.module is not None and module_has_submodule(self.module, name):
                import_module(f"{self.name}.{name}")


class RecordConfig(HemicycleAppConfig):
    name = "hemicycle.record"
