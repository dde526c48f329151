from hemicycle.record.apps import HemicycleAppConfig


class TrainingConfig(HemicycleAppConfig):
    name = "hemicycle.before.training"

    def ready(self) -> None:
        super().ready()
        from hemicycle.before.registration import signals as registration
        from hemicycle.before.training import actions, cards, labels, signals
        from hemicycle.hearing.setup import signals as hearings

        labels.declare()
        registration.ON_WITHDRAWN.append(signals.withdraw)
        registration.ON_SPEAKER_REPLACED.append(signals.replace_speaker)
        registration.PERSONAL_PANES.append(cards.personal)
        registration.DAILY.append(actions.remind)
        hearings.HOLDINGS.append(cards.holdings)
