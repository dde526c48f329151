from hemicycle.record.apps import HemicycleAppConfig


class RegistrationConfig(HemicycleAppConfig):
    name = "hemicycle.before.registration"

    def ready(self) -> None:
        super().ready()
        from hemicycle.before.registration import by_mail, lists, overview
        from hemicycle.mail.outgoing import signals as correspondence

        overview.join()
        by_mail.join()
        correspondence.SOURCES.append(lists.sources)
        correspondence.ATTENDING.append(lists.attending)
