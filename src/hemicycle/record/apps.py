"""What every slice's app has in common."""

from importlib import import_module

from django.apps import AppConfig
from django.utils.module_loading import module_has_submodule


class Slice(AppConfig):
    """An app whose kinds of entry and of letter, when it has any, lie in modules so named."""

    default = False

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        cls.default = True  # or Django, seeing an inherited False, would pass the slice by

    def ready(self) -> None:
        for name in ("kinds", "letters"):
            if self.module is not None and module_has_submodule(self.module, name):
                import_module(f"{self.name}.{name}")


class Record(Slice):
    name = "hemicycle.record"
