"""What every slice's app has in common."""

from importlib import import_module

from django.apps import AppConfig
from django.utils.module_loading import module_has_submodule


class Slice(AppConfig):
    """An app that declares its record kinds, when it has any, in its module `kinds`."""

    default = False

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        cls.default = True  # or Django, seeing an inherited False, would pass the slice by

    def ready(self) -> None:
        if self.module is not None and module_has_submodule(self.module, "kinds"):
            import_module(f"{self.name}.kinds")


class Record(Slice):
    name = "hemicycle.record"
