from hemicycle.record.apps import Slice


class Training(Slice):
    name = "hemicycle.training"

    def ready(self) -> None:
        super().ready()
        from hemicycle.hearings import hooks as hearings
        from hemicycle.registration import hooks as registration
        from hemicycle.training import actions, hooks, panes, sentences

        sentences.declare()
        registration.ON_WITHDRAWN.append(hooks.withdraw)
        registration.ON_SPEAKER_REPLACED.append(hooks.replace_speaker)
        registration.PERSONAL_PANES.append(panes.personal)
        registration.DAILY.append(actions.remind)
        hearings.HOLDINGS.append(panes.holdings)
